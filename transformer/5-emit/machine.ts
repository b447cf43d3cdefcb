/** One machine as text: `$m.machine(path, meta, step, maker)`, a `switch` with a case for each block. */
import type { ts } from "@ts-morph/common";
import { type Position, positionAt } from "../1-parse/assembled.ts";
import { startOf } from "../1-parse/tree.ts";
import { captureNames } from "../3-lower/closures.ts";
import { capturesText, type MachineDefinition, type Names } from "../3-lower/context.ts";
import { leaveText } from "../3-lower/targets.ts";
import type { LiveSlots } from "../4-flow/index.ts";
import type { Block, Slot, SlotHole, Terminator } from "../ir/ir.ts";
import { code, join, lastCharacter, type Rope } from "../ir/rope.ts";
import { keyText, quoted } from "../ir/words.ts";

/** The label of a block, as a literal. */
export const labelText = ({ label }: Block): string => (typeof label === "number" ? String(label) : quoted(label));

/** `{ key: value, … }` of those blocks that have a value; undefined when none has. */
function byLabel(blocks: readonly Block[], valueOf: (block: Block) => string | undefined): string | undefined {
  let out: string | undefined;
  for (const block of blocks) {
    const value = valueOf(block);
    if (value === undefined) continue;
    const entry = `${typeof block.label === "number" ? String(block.label) : keyText(block.label)}: ${value}`;
    out = out === undefined ? entry : `${out}, ${entry}`;
  }
  return out && `{ ${out} }`;
}

const positionText = ([line, column]: Position): string => `[${line}, ${column}]`;

/** The names of slots, as a literal. */
const slotNames = (slots: readonly Slot[]): string => `[${slots.map(({ name }) => quoted(name)).join(", ")}]`;

export function machineText(
  definition: MachineDefinition,
  live: LiveSlots,
  sourceFile: ts.SourceFile,
  names: Names,
): Rope {
  const { info, machine, maker } = definition;
  const { blocks } = machine;
  const lives = byLabel(blocks, (block) => (block.resumes ? slotNames(live.get(block)!) : undefined)) ?? "{}";
  const points =
    byLabel(blocks, ({ resumes, origin }) =>
      resumes ? positionText(positionAt(sourceFile, startOf(origin!, sourceFile))) : undefined,
    ) ?? "{}";
  const handlers = byLabel(blocks, ({ handler }) => (handler ? labelText(handler) : undefined)) ?? "{}";
  const leaving = byLabel(blocks, ({ resumes, leaves }) =>
    resumes && leaves.length > 0 ? slotNames(leaves.map(({ slot }) => slot)) : undefined,
  );
  const leaves = leaving === undefined ? "" : `\n  leaves: ${leaving},`;
  const generator = info.generator === null ? "" : `, generator: "${info.generator}"`;
  const renamed = machine.slots.filter((slot) => slot.variable !== null && slot.variable !== slot.name);
  const variables =
    renamed.length === 0
      ? ""
      : `\n  names: { ${renamed.map((slot) => `${keyText(slot.name)}: ${quoted(slot.variable!)}`).join(", ")} },`;
  const at = positionText(positionAt(sourceFile, startOf(info.node, sourceFile)));
  const { module: handle, frame, sent } = names;
  const cases = blocks.map((block) => blockText(block, names, sourceFile.text));
  return code`${handle}.machine(${quoted(info.path)}, {
  name: ${quoted(info.name)}, at: ${at}${generator}${capturesText(maker === null ? [] : captureNames(info))},
  live: ${lives},
  points: ${points},
  handlers: ${handlers},${leaves}${variables}
}, (${frame}, ${sent}) => { switch (${frame}.pc) {
${join(cases, "\n")}
} }${maker === null ? "" : [", ", maker]})`;
}

function blockText(block: Block, names: Names, source: string): Rope {
  const lines: Rope[] = [`  case ${labelText(block)}:`];
  for (const operation of block.operations) {
    if (operation.type === "assign") {
      const { slot, origin, value } = operation;
      const hole: SlotHole = origin
        ? { type: "slot", slot, access: "write", origin }
        : { type: "slot", slot, access: "write" };
      lines.push(["    ", hole, " = ", value, ";"]);
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
