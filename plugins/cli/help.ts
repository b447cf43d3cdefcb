/** What `--help` prints. */

export const HELP = `perdure: builds durable functions

  perdure tsc [options]       type-checks, transforms and emits a TypeScript project, as tsc does
  perdure explain [options]   says what each call in durable code is, and why

  perdure <command> --help    options of a command
  perdure --version
`;

export const TSC_HELP = `perdure tsc: tsc for projects with durable functions

  perdure tsc                        builds the project of the nearest tsconfig.json
  perdure tsc -p path/to/tsconfig.json
  perdure tsc -b [project ...]       builds projects that refer to each other, in order
  perdure tsc --watch                builds again on every change; also with -b
  perdure tsc --noEmit               checks only: types, and what durable code may contain

Options of its own
  --explain          prints what each call in durable code is, and why, after the build
  --include <glob>   files that are durable without "use durable", relative to the root; may be repeated
  --root <folder>    what the names of durable functions are relative to (default: the working
                     directory); the same in all builds of a program
  -h, --help

All other options are those of tsc (npx tsc --help), and so are the exit codes: 0 no errors, 1 errors
and nothing was written, 2 errors and output was written.

Types are checked by the project's own TypeScript (5, 6 or 7), declarations are those of the source.
More: docs/command.md
`;

export const EXPLAIN_HELP = `perdure explain: says what each call in durable code is, and why

  perdure explain                    the project of the nearest tsconfig.json, and those it refers to
  perdure explain -p path/to/tsconfig.json
  perdure explain src/orders.ts ...  these files, with or without a tsconfig

  -p, --project <path>   a tsconfig, or a folder that has one
  --include <glob>       files that are durable without "use durable", relative to the root; may be repeated
  --root <folder>        what file names are relative to (default: the working directory)
  -h, --help

Calls that could not be classified stand at the end. Nothing is written.
More: docs/command.md
`;
