/** Errors of the command: PD13xx. */
import type { MessageTable } from "perdure/internal/errors";

export const messages = {
  PD1301: {
    slug: "unknown-command",
    text: "perdure has no command %name%",
    fix: "write %mend%",
    page: `The commands are \`perdure tsc\`, which builds a project, and \`perdure explain\`, which says how each call in durable code was read.

    npx perdure tsc -p tsconfig.json
    npx perdure explain`,
  },
  PD1302: {
    slug: "unknown-option",
    text: "perdure %command% has no option %name%",
    fix: "%mend%",
    page: `\`perdure tsc\` takes every option of the project's own \`tsc\`, and passes on what it does not know; the other commands take those that \`--help\` lists. An option that
nobody knows is refused, because to ignore it would build something else than was asked for.`,
  },
  PD1303: {
    slug: "typescript-too-old",
    text: "%folder% has TypeScript %version%",
    fix: "install TypeScript 5 or later: `npm install --save-dev typescript@latest`",
    page: `\`perdure tsc\` checks a project with the project's own TypeScript, which may be version 5, 6 or 7. A project that has none is checked by the copy (version 6)
that the transformer carries.`,
  },
  PD1304: {
    slug: "no-such-project",
    text: "there is no %path%",
    fix: "name the tsconfig with `-p path/to/tsconfig.json`, or run the command in the folder that has one; to read files that no tsconfig covers, name them: `perdure explain src/orders.js`",
    page: `\`perdure tsc\` and \`perdure explain\` look for \`tsconfig.json\` in the working directory and the folders above it, as \`tsc\` does. A project in JavaScript may have none:
\`perdure explain\` then takes the names of files.`,
  },
  PD1305: {
    slug: "bundled-output",
    text: "%file% is durable, and the project bundles all its output into %out% (outFile)",
    fix: "use `outDir` instead of `outFile`, or bundle with a plugin: `@perdure/plugins/esbuild`",
    page: `\`outFile\` joins files of the long gone module systems AMD and System, or scripts without modules. A durable function is known by its module's name, so its
file has to stay a module.`,
  },
  PD1307: {
    slug: "no-such-source-file",
    text: "there is no source file %path%",
    fix: "name files of TypeScript or JavaScript as they are seen from the working directory; for a whole project, its tsconfig: `perdure explain -p tsconfig.json`",
    page: `\`perdure explain\` takes the names of files, as the shell makes them of \`src/*.js\`; folders are none.`,
  },
  PD1306: {
    slug: "option-of-tsc-itself",
    text: "%name% is left to tsc",
    fix: "run `npx tsc %name%`",
    page: `\`perdure tsc\` builds. What only prints or writes settings (\`--init\`, \`--showConfig\`, \`--listFilesOnly\`, \`--all\`) has nothing to do with durable code.`,
  },
} as const satisfies MessageTable;
