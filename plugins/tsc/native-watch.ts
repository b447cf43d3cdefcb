/**
 * Watch mode with a native TypeScript: the carried one watches and writes the JavaScript at once; then the native one
 * checks the projects that changed, and writes their declarations, which those that refer to them watch in turn.
 */
import type { ts } from "@ts-morph/common";
import { transformAll } from "./durable-program.ts";
import { javaScriptOnly } from "./lowered-program.ts";
import { emitJavaScript, problems } from "./native.ts";
import { type Check, startCheck } from "./native-check.ts";
import type { NativeBuild, NativeProject } from "./native-project.ts";

const STARTING = 6031;
const CHANGED = 6032;
const FOUND_ONE = 6193;
const FOUND = 6194;

interface State {
  readonly project: NativeProject;
  /** Since its last check. */
  changed: boolean;
  /** The transformer's errors. */
  refused: readonly ts.Diagnostic[];
  errors: number;
}

/** Resolves when everything has been built once; it goes on watching until the process ends. */
export async function watchNatively(build: NativeBuild, projects: readonly NativeProject[]): Promise<void> {
  const { ts } = build.carried;
  const states = projects
    .filter(({ parsed }) => parsed.fileNames.length > 0 || !parsed.projectReferences?.length)
    .map((project): State => ({ project, changed: false, refused: [], errors: 0 }));
  let say: StatusPrinter | undefined;
  let started = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Check | undefined;
  let checking: Promise<void> = Promise.resolve();

  /** Checks what has changed, in order. A change in the meantime stops it, and starts another. */
  const checkChanged = async (): Promise<boolean> => {
    for (const state of states) {
      if (!state.changed) continue;
      state.changed = false;
      const nothing = state.refused.length > 0 && !!state.project.parsed.options.noEmitOnError;
      const check = startCheck(build, state.project, nothing);
      running = check;
      const { printed } = await check.done;
      if (running !== check) {
        state.changed = true;
        return false;
      }
      running = undefined;
      process.stdout.write(printed);
      state.refused.forEach(build.reporter.report);
      state.errors = (printed.match(/\berror\b.*?TS\d+: /g)?.length ?? 0) + state.refused.length;
    }
    return true;
  };
  const checkAndSay = async (): Promise<void> => {
    if (!(await checkChanged())) return;
    const errors = states.reduce((sum, state) => sum + state.errors, 0);
    const found = errors === 1 ? "Found 1 error." : `Found ${errors} errors.`;
    say?.(errors === 1 ? FOUND_ONE : FOUND, `${found} Watching for file changes.`);
  };
  const schedule = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running?.stop();
      running = undefined;
      checking = checking.then(checkAndSay);
    }, 50);
  };

  for (const state of states) {
    const { options } = state.project.parsed;
    const host = watchHost(build, state.project);
    if (!say) {
      say = statusPrinter(build, host, options);
      say(STARTING, "Starting compilation in watch mode...");
    }
    host.onWatchStatusChange = ({ code }) => {
      if (code === CHANGED) say?.(CHANGED, "File change detected. Starting incremental compilation...");
    };
    host.afterProgramCreate = (builder) => {
      const program = builder.getProgram();
      const durable = transformAll(build.carried, program, build.files);
      state.refused = problems(build.carried, durable);
      if (state.refused.length === 0 || !options.noEmitOnError)
        emitJavaScript(build.carried, program, durable, options);
      state.changed = true;
      if (started) schedule();
    };
    ts.createWatchProgram(host as ts.WatchCompilerHostOfConfigFile<ts.BuilderProgram>);
    // Those that refer to this one read its declarations.
    await checkChanged();
  }
  started = true;
  await checkAndSay();
}

type StatusPrinter = (code: number, messageText: string) => void;

/** Prints as `tsc --watch` does: the time, and on a terminal a clear screen. */
function statusPrinter(
  { carried: { ts, system } }: NativeBuild,
  host: ts.WatchCompilerHost<ts.BuilderProgram>,
  options: ts.CompilerOptions,
): StatusPrinter {
  const print = host.onWatchStatusChange?.bind(host);
  const message = { category: ts.DiagnosticCategory.Message, file: undefined, start: undefined, length: undefined };
  return (code, messageText) => print?.({ ...message, code, messageText }, system.newLine, options);
}

/** Watches the project's files, and makes programs that know no types. */
function watchHost(
  { carried }: NativeBuild,
  { configPath, parsed, override }: NativeProject,
): ts.WatchCompilerHost<ts.BuilderProgram> {
  const { ts, system } = carried;
  const create: ts.CreateProgram<ts.BuilderProgram> = (rootNames, options, ...rest) =>
    ts.createAbstractBuilder(rootNames, options && javaScriptOnly(options), ...rest);
  const silent = (): void => {};
  const { options, watchOptions } = parsed;
  return configPath === undefined
    ? ts.createWatchCompilerHost(parsed.fileNames, options, system, create, silent, undefined, undefined, watchOptions)
    : ts.createWatchCompilerHost(configPath, override, system, create, silent, undefined, watchOptions);
}
