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

export async function watchNatively(build: NativeBuild, projects: readonly NativeProject[]): Promise<void> {
  const { ts, system } = build.carried;
  const states = projects.map((project) => ({ project, changed: false, refused: [] as readonly ts.Diagnostic[] }));
  let running: Check | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let checking: Promise<void> = Promise.resolve();
  let say: ts.WatchCompilerHost<ts.BuilderProgram>["onWatchStatusChange"];

  const status = (code: number, messageText: string): void =>
    say?.(
      {
        category: ts.DiagnosticCategory.Message,
        code,
        messageText,
        file: undefined,
        start: undefined,
        length: undefined,
      },
      system.newLine,
      projects[0]!.parsed.options,
    );

  /** Checks what has changed, in order; a change in the meantime starts it again. */
  const checkChanged = async (): Promise<void> => {
    let errors = 0;
    for (const state of states) {
      if (!state.changed) continue;
      running = startCheck(
        build,
        state.project,
        state.refused.length > 0 && !!state.project.parsed.options.noEmitOnError,
      );
      const check = running;
      const { printed } = await check.done;
      if (running !== check) return; // Stopped: the next check says it all.
      state.changed = false;
      process.stdout.write(printed);
      state.refused.forEach(build.reporter.report);
      errors += (printed.match(/\berror\b.*?TS\d+: /g)?.length ?? 0) + state.refused.length;
    }
    running = undefined;
    const found = errors === 1 ? "Found 1 error." : `Found ${errors} errors.`;
    status(errors === 1 ? FOUND_ONE : FOUND, `${found} Watching for file changes.`);
  };
  const schedule = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running?.stop();
      running = undefined;
      checking = checking.then(checkChanged);
    }, 50);
  };

  for (const [index, state] of states.entries()) {
    const { configPath, parsed } = state.project;
    if (parsed.fileNames.length === 0 && parsed.projectReferences?.length) continue;
    const host = watchHost(build, state.project);
    if (index === 0) {
      say = host.onWatchStatusChange?.bind(host);
      status(STARTING, "Starting compilation in watch mode...");
    }
    host.onWatchStatusChange = (diagnostic) => {
      if (diagnostic.code === CHANGED) status(CHANGED, "File change detected. Starting incremental compilation...");
    };
    host.afterProgramCreate = (builder) => {
      const program = builder.getProgram();
      const durable = transformAll(build.carried, program, build.files);
      state.refused = problems(build.carried, durable);
      if (state.refused.length === 0 || !parsed.options.noEmitOnError)
        emitJavaScript(build.carried, program, durable, parsed.options);
      state.changed = true;
      schedule();
    };
    ts.createWatchProgram(host as ts.WatchCompilerHostOfConfigFile<ts.BuilderProgram>);
    // Those that refer to this one read its declarations.
    if (index < states.length - 1 && configPath !== undefined) await startCheck(build, state.project).done;
  }
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
