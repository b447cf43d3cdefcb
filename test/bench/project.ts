/** A project on disk: layers of ordinary typed modules, and durable ones that use them. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fixtures } from "./sources.ts";

/** Each module imports three of the layer below, so what the durable ones reach is most of the project. */
const LAYER = 90;

const ordinary = (i: number): string => {
  const below = i < LAYER ? [] : [7, 31, 64].map((step) => (Math.floor(i / LAYER) - 1) * LAYER + ((i + step) % LAYER));
  const imports = below.map(
    (one) => `import { load${one}, type Entity${one}, total${one} } from "./module-${one}.ts";`,
  );
  const fields = below.map((one) => `  part${one}: Entity${one};`);
  const parts = below.map((one) => `part${one}: await load${one}(\`\${id}/${one}\`)`);
  const sums = below.map((one) => ` + total${one}(entity.part${one})`).join("");
  return `${imports.join("\n")}
export interface Line${i} { readonly sku: string; readonly quantity: number; readonly price: number; readonly tags?: readonly string[] }
export interface Entity${i} {
  readonly id: string;
  status: "new" | "paid" | "shipped";
  lines: Line${i}[];
${fields.join("\n")}
}
export type Summary${i} = { readonly [Key in Entity${i}["status"]]: { readonly count: number; readonly lines: readonly Line${i}[] } };

const known = new Map<string, Entity${i}>();

export async function load${i}(id: string): Promise<Entity${i}> {
  const found = known.get(id);
  if (found !== undefined) return found;
  const lines = Array.from({ length: 3 }, (_, n) => ({ sku: \`\${id}-\${n}\`, quantity: n + 1, price: n * 10 }));
  const entity: Entity${i} = { ${["id", 'status: "new"', "lines", ...parts].join(", ")} };
  known.set(id, entity);
  return entity;
}

export const total${i} = (entity: Entity${i}): number =>
  entity.lines.filter(({ quantity }) => quantity > 0).reduce((sum, { quantity, price }) => sum + quantity * price, 0)${sums};

export function summary${i}(entities: Iterable<Entity${i}>): Summary${i} {
  const byStatus = { new: [], paid: [], shipped: [] } as Record<Entity${i}["status"], Entity${i}[]>;
  for (const entity of entities) byStatus[entity.status].push(entity);
  const part = (status: Entity${i}["status"]) => ({
    count: byStatus[status].length,
    lines: byStatus[status].flatMap(({ lines }) => lines.map((line) => ({ ...line, tags: [...(line.tags ?? []), status] }))),
  });
  return { new: part("new"), paid: part("paid"), shipped: part("shipped") };
}

export class Service${i} {
  readonly #seen = new Set<string>();
  constructor(private readonly options: { readonly limit: number; readonly region?: string } = { limit: 10 }) {}
  async charge(entity: Entity${i}, key: string): Promise<{ readonly receipt: string; readonly amount: number }> {
    if (this.#seen.size >= this.options.limit) throw new RangeError(\`limit of \${this.options.region ?? "everywhere"}\`);
    this.#seen.add(key);
    return { receipt: \`\${entity.id}/\${key}\`, amount: total${i}(entity) };
  }
}
`;
};

const durable = (i: number, uses: readonly number[]): string => `"use durable";
import { sleep } from "perdure";
${uses.map((one) => `import { load${one}, Service${one}, total${one} } from "./module-${one}.ts";`).join("\n")}

${uses.map((one) => `const service${one} = new Service${one}();`).join("\n")}

export async function process${i}(ids: readonly string[]) {
  const receipts: string[] = [];
  for (const id of ids) {
    const key = crypto.randomUUID();
${uses
  .map(
    (one) => `    const entity${one} = await load${one}(id);
    if (total${one}(entity${one}) > 100) {
      const { receipt } = await service${one}.charge(entity${one}, key);
      receipts.push(receipt);
    }`,
  )
  .join("\n")}
    await sleep("1 hour");
  }
  return { count: receipts.length, receipts };
}
`;

/** Writes it into `folder`; gives the paths of the durable modules. */
export function writeProject(folder: string, modules: number, durables: number): readonly string[] {
  mkdirSync(join(folder, "src"), { recursive: true });
  symlinkSync(join(fixtures, "../node_modules"), join(folder, "node_modules"));
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: "es2022", module: "nodenext", moduleResolution: "nodenext" },
    ...{ allowImportingTsExtensions: true, skipLibCheck: true, types: ["node"] },
  };
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
  const rest = modules - durables;
  for (let i = 0; i < rest; i++) writeFileSync(join(folder, "src", `module-${i}.ts`), ordinary(i));
  return Array.from({ length: durables }, (_, i) => {
    const path = join(folder, "src", `durable-${i}.ts`);
    writeFileSync(path, durable(i, [rest - 1 - i, rest - 41 - i, rest - 73 - i]));
    return path;
  });
}
