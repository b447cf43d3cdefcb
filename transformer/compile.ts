/** The phases in order, with everything they made: what `transform` gives out, and what tests look into. */
import { basename } from "node:path";
import { ABI_VERSION } from "perdure/abi";
import { isAssembled } from "./1-parse/assembled.ts";
import { type ParsedFile, parse } from "./1-parse/parse.ts";
import { isCompiled, mayBeDurable, selectDurable, strayDirectives } from "./1-parse/select.ts";
import { loadTypeScript } from "./1-parse/typescript.ts";
import { classifyCalls } from "./2-analyze/calls/classify.ts";
import { functionName } from "./2-analyze/function-names.ts";
import { findFunctions } from "./2-analyze/functions.ts";
import { checkLegality } from "./2-analyze/legality.ts";
import { analyzeScopes } from "./2-analyze/scopes.ts";
import { findSuspension } from "./2-analyze/suspension.ts";
import { wholeSteps } from "./2-analyze/whole-steps/find.ts";
import { withWholeSteps } from "./2-analyze/whole-steps/text.ts";
import { lowerModule } from "./3-lower/index.ts";
import { analyzeFlow, type LiveSlots } from "./4-flow/index.ts";
import { moduleText } from "./5-emit/module.ts";
import { render } from "./5-emit/render.ts";
import { fingerprintsOf, makeManifest } from "./6-manifest/manifest.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { diagnostic } from "./diagnostics/make.ts";
import type { DiagnosticCode } from "./diagnostics/messages.ts";
import { strayDiagnostic, syntaxDiagnostics } from "./diagnostics/syntax.ts";
import type { Machine } from "./ir/ir.ts";
import { moduleName } from "./module-name.ts";
import type { TransformOptions, TransformResult } from "./options.ts";
import type { FileTypes } from "./types/questions.ts";

export interface Compilation extends TransformResult {
  /** Every machine of the file, with the name path of its function. */
  readonly machines: readonly { readonly path: string; readonly machine: Machine }[];
}

const nothing = (diagnostics: readonly Diagnostic[]): Compilation => ({
  code: null,
  map: null,
  manifest: null,
  diagnostics,
  machines: [],
});

const isError = (one: Diagnostic): boolean => one.severity === "error";

/** See `transform`. */
export function compile(source: string, options: TransformOptions): Compilation {
  if ((!options.include && !mayBeDurable(source)) || isCompiled(source)) return nothing([]);
  loadTypeScript();
  return compileParsed(parse(options.fileName, source), options);
}

function compileParsed(parsed: ParsedFile, options: TransformOptions): Compilation {
  const { sourceFile, tree, text } = parsed;
  const roots = selectDurable(sourceFile, options.include ?? false);
  const strays = roots[0] === sourceFile ? [] : strayDirectives(sourceFile);
  if (strays.length > 0) return nothing(strays.map((stray) => strayDiagnostic(stray, sourceFile)));
  if (roots.length === 0) return nothing([]);
  if (parsed.problems.length > 0) return nothing(syntaxDiagnostics(parsed));

  const types = options.types?.open(options.fileName, text) as FileTypes | undefined;
  const scopes = analyzeScopes(tree);
  const calls = classifyCalls(tree, scopes, roots, types);
  const whole = types && !isAssembled(sourceFile) ? wholeSteps(tree, scopes, calls, types) : [];
  if (whole.length > 0) {
    const compiled = compileParsed(withWholeSteps(tree, whole), options);
    // Files that import this one see what its author wrote.
    options.types?.open(options.fileName, text);
    return compiled;
  }
  const suspension = findSuspension(tree);
  const functions = findFunctions(tree, roots, scopes, calls.volatile);
  const diagnostics: Diagnostic[] = [...checkLegality(tree, roots, calls, types), ...calls.diagnostics];
  if (diagnostics.some(isError)) return nothing(diagnostics);

  const report = (
    code: string,
    node: Parameters<typeof functionName>[0],
    details: Readonly<Record<string, string>>,
  ): void => {
    const found = diagnostic(code as DiagnosticCode, sourceFile, node, { function: functionName(node), ...details });
    // What is lowered in two ways, or twice, is told once.
    if (!diagnostics.some((one) => one.code === found.code && one.start === found.start)) diagnostics.push(found);
  };
  const lowered = lowerModule({ tree, scopes, suspension, functions, calls, report }, roots);
  if (diagnostics.some(isError)) return nothing(diagnostics);

  const flows = new Map<Machine, LiveSlots>();
  for (const { machine, entered, rest } of lowered.module.machines) {
    flows.set(machine, analyzeFlow(machine, entered));
    rest.push(...machine.slots.filter((slot) => !entered.includes(slot)).map(({ name }) => `, ${name}: undefined`));
  }

  const name = options.module ?? moduleName(options.root, options.fileName);
  const { codes, layouts } = fingerprintsOf(lowered.module, tree);
  const rope = moduleText(lowered, {
    name,
    package: options.package,
    fingerprints: codes,
    layouts,
    flows,
    isWhole: roots[0] === sourceFile,
    watch: options.watch ?? false,
    mixesModules: options.mixesModules ?? false,
  });
  const { code, map } = render(rope, sourceFile, basename(options.fileName), lowered.module.names.frame);
  const manifest = makeManifest(lowered.module, name, ABI_VERSION, flows, codes, types !== undefined);
  const machines = lowered.module.compiled.flatMap(({ info, machine }) =>
    machine ? [{ path: info.path, machine }] : [],
  );
  return { code, map, manifest, diagnostics, machines };
}
