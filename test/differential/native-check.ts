/** Runs every program natively, twice, and prints what it observes: to look at while programs are written. */
import { makeTree, modules } from "./compile.ts";
import { printed } from "./observation.ts";
import { observePlain } from "./plain.ts";

const [filter = "", verbose] = process.argv.slice(2);
const tree = await makeTree("native", null);
let count = 0;
for (const path of modules().filter((it) => it.includes("/") && it.includes(filter))) {
  const exports = await tree.load(path);
  for (const [name, main] of Object.entries(exports)) {
    if (typeof main !== "function") continue;
    count++;
    const first = printed(await observePlain(tree, main as () => unknown));
    const second = printed(await observePlain(tree, main as () => unknown));
    if (first !== second) console.log(`NOT DETERMINISTIC ${path} ${name}\n${first}\n--\n${second}`);
    if (verbose) console.log(`## ${path} ${name}\n${first}\n`);
    else if (!/=> (returned|threw)/.test(first) || /TypeError|ReferenceError/.test(first))
      console.log(`?? ${path} ${name}\n${first}\n`);
  }
}
console.log(`${count} programs`);
tree.remove();
