/** For people: what each program does, mode by mode. */
import { catalog } from "./catalog.ts";
import { buildDurable, buildNative } from "./compile.ts";
import { asRun, natively, type Saving } from "./drive.ts";
import { startServices } from "./services.ts";

const pattern = new RegExp(process.argv[2] ?? ".");
const services = await startServices();
const show = (ended: { status: string; value: unknown }) =>
  `${ended.status} ${ended.value instanceof Error ? ended.value.stack?.split("\n").slice(0, 3).join(" | ") : JSON.stringify(ended.value)}`;
for (const program of catalog().filter(({ name }) => pattern.test(name))) {
  console.log(`\n=== ${program.name}: ${program.expects.verdict}`);
  await services.reset();
  const native = await buildNative([program]);
  console.log("native ", show(await natively((await native.load(program)).main as () => unknown)));
  native.remove();
  for (const types of ["auto", false] as const) {
    let built: Awaited<ReturnType<typeof buildDurable>>;
    try {
      built = await buildDurable([program], types);
    } catch (error) {
      console.log(String(types), "BUILD", (error as Error).message.slice(0, 900));
      continue;
    }
    for (const saving of (types === false ? ["turns"] : ["never", "turns"]) as Saving[]) {
      await services.reset();
      try {
        const ended = await asRun(await built.load(program), saving);
        console.log(String(types), saving, show(ended), `turns ${ended.turns}`);
      } catch (error) {
        console.log(String(types), saving, "BLOCKED", String(error).slice(0, 700));
      }
    }
    if (!process.argv.includes("--keep")) built.remove();
  }
}
await services.close();
process.exit(0);
