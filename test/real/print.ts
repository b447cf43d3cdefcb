/** docs/real-code.md, from the programs' own first comments. */
import { catalog, type RealProgram } from "./catalog.ts";

const verdictOf = ({ expects }: RealProgram): string => {
  if (expects.verdict === "works") return "works";
  const { code, fix, because } = expects;
  const what = `[${code}](errors/${code}.md): ${fix} (${because})`;
  return expects.verdict === "needs" ? what : `refused by the build, ${what}`;
};

export function printRealCode(): string {
  const programs = catalog();
  const counts = (verdict: string) => programs.filter(({ expects }) => expects.verdict === verdict).length;
  const rows = programs.map((program) => {
    const packages = program.packages.map((name) => `\`${name}\``).join(", ");
    return `| [${program.title}](../fixtures/real/${program.name}.ts) | ${packages} | ${verdictOf(program)} |`;
  });
  return `# Code as people write it

Printed from the programs of \`fixtures/real/\` by \`npm run generate\`. Each is compiled as it stands, with the real packages, and run against local services: natively, as a
durable run, and as a run that is dropped and loaded again at every turn. All must give the same result; some run in
processes that are killed with SIGKILL after each commit, while the services count what they are asked for. What is said here is what
\`test/real\` has seen. ${programs.length} programs: ${counts("works")} work unchanged, ${counts("needs")} stop with an error that names the line and says what to write, ${counts("refused")} refused by the build; each of these says
what to write, and in parentheses why the compiler cannot do without it.

| program | packages | verdict |
|---|---|---|
${rows.join("\n")}
`;
}
