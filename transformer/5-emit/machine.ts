/** One machine as text: `$m.machine(path, meta, step, maker)`, a `switch` with a case for each block. */
import type { ts } from "@ts-morph/common";
import { captureNames } from "../3-lower/closures.ts";
import { capturesText, type MachineDefinition, type Names } from "../3-lower/context.ts";
import { leaveText } from "../3-lower/targets.ts";
import type { LiveSlots } from "../4-flow/index.ts";
import type { Block, Terminator } from "../ir/ir.ts";
import { code, join, lastCharacter, type Rope } from "../ir/rope.ts";
import { keyText } from "../ir/words.ts";

export type Position = readonly [line: number, column: number];

/** 1-based line and column of an offset. */
export const positionAt = (sourceFile: ts.SourceFile, offset: number): Position => {
  const { line, character } = sourceFile.getLineAndCharacterOfPosition(offset);
  return [line + 1, character + 1];
};

const record = (entries: readonly (readonly [string, string])[]): string =>
  entries.length === 0 ? "{}" : `{ ${entries.map(([key, value]) => `${keyText(key)}: ${value}`).join(", ")} }`;

export function machineText(
  definition: MachineDefinition,
  live: LiveSlots,
  sourceFile: ts.SourceFile,
  names: Names,
): Rope {
  const { info, machine, maker } = definition;
  const resumes = machine.blocks.filter((block) => block.resumes);
  const lives = record(
    resumes.map((block) => [
      String(block.label),
      `[${live
        .get(block)!
        .map((slot) => JSON.stringify(slot.name))
        .join(", ")}]`,
    ]),
  );
  const points = record(
    resumes.map((block) => [
      String(block.label),
      JSON.stringify(positionAt(sourceFile, block.origin!.getStart())).replace(",", ", "),
    ]),
  );
  const handlers = record(
    machine.blocks.flatMap((block) =>
      block.handler ? [[String(block.label), JSON.stringify(block.handler.label)] as const] : [],
    ),
  );
  const leaving = resumes.filter((block) => block.leaves.length > 0);
  const leaves =
    leaving.length === 0
      ? ""
      : `\n  leaves: ${record(
          leaving.map((block) => [
            String(block.label),
            `[${block.leaves.map(({ slot }) => JSON.stringify(slot.name)).join(", ")}]`,
          ]),
        )},`;
  const generator = info.generator === null ? "" : `, generator: ${JSON.stringify(info.generator)}`;
  const renamed = machine.slots.filter((slot) => slot.variable !== null && slot.variable !== slot.name);
  const variables =
    renamed.length === 0
      ? ""
      : `\n  names: ${record(renamed.map((slot) => [slot.name, JSON.stringify(slot.variable)]))},`;
  const at = JSON.stringify(positionAt(sourceFile, info.node.getStart())).replace(",", ", ");
  const { module: handle, frame, sent } = names;
  const cases = machine.blocks.map((block) => blockText(block, names, sourceFile.text));
  return code`${handle}.machine(${JSON.stringify(info.path)}, {
  name: ${JSON.stringify(info.name)}, at: ${at}${generator}${capturesText(maker === null ? [] : captureNames(info))},
  live: ${lives},
  points: ${points},
  handlers: ${handlers},${leaves}${variables}
}, (${frame}, ${sent}) => { switch (${frame}.pc) {
${join(cases, "\n")}
} }${maker === null ? "" : [", ", maker]})`;
}

function blockText(block: Block, names: Names, source: string): Rope {
  const lines: Rope[] = [code`  case ${JSON.stringify(block.label)}:`];
  for (const operation of block.operations) {
    if (operation.type === "assign") {
      const { slot, origin, value } = operation;
      lines.push(code`    ${{ type: "slot", slot, access: "write", ...(origin && { origin }) }} = ${value};`);
    } else lines.push(["    ", operation.code, endsStatement(operation.code, source) ? "" : ";"]);
  }
  lines.push(["    ", terminatorText(block.end!, names)]);
  return join(lines, "\n");
}

/** Kept text may end without its semicolon; the next line could continue it. */
function endsStatement(rope: Rope, source: string): boolean {
  const last = lastCharacter(rope, source);
  return last === ";" || last === "}";
}

function terminatorText(end: Terminator, names: Names): Rope {
  const { runtime, frame } = names;
  const jump = (to: Block): Rope => code`return ${runtime}.jump(${frame}, ${{ type: "label", block: to }});`;
  switch (end.type) {
    case "jump":
      return jump(end.to);
    case "branch":
      return join(
        [...end.cases.map((one): Rope => code`if (${one.test}) ${jump(one.to)}`), jump(end.otherwise)],
        "\n    ",
      );
    case "start":
      return code`return ${runtime}.start(${frame}, ${{ type: "label", block: end.resume }});`;
    case "await":
    case "yield":
    case "delegate":
      return code`return ${runtime}.${end.type}(${frame}, ${{ type: "label", block: end.resume }}, ${end.value});`;
    case "return":
      return code`return ${runtime}.return(${frame}, ${end.value ?? "undefined"});`;
    case "throw":
      return code`throw ${end.value};`;
    case "endFinally":
      return code`return ${runtime}.endFinally(${frame}, ${JSON.stringify(end.region.slot.name)});`;
    case "leave":
      return leaveText(end.route, end.value, names);
  }
}
