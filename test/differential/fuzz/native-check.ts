import { makeTree } from "../compile.ts";
import { observePlain } from "../plain.ts";
import { seeded } from "./choices.ts";
import { program } from "./program.ts";

const tree = await makeTree("native", null);
const kinds: Record<string, number> = {};
const n = Number(process.argv[2] ?? 50);
for (let seed = 1; seed <= n; seed++) {
  const made = program([], seeded(seed));
  let text = "";
  try {
    const { main } = await tree.add("generated/program.ts", made.text);
    const o = await observePlain(tree, main as () => unknown);
    text = o.outcome;
    kinds[o.outcome.split(" ")[0]!] = (kinds[o.outcome.split(" ")[0]!] ?? 0) + 1;
    if (process.argv[3] === String(seed)) console.log(made.text, o);
    if (/TypeError|ReferenceError|stuck|unhandled/.test(o.outcome)) console.log(seed, o.outcome.slice(0, 200));
    if (o.log.length > 300) console.log(seed, "long", o.log.length);
  } catch (error) {
    console.log(seed, String(error).slice(0, 300));
    if (process.argv[3]) { console.log(made.text); break; }
  }
}
console.log(kinds);
tree.remove();
