/**
 * Which tests of a checkout are run. All have a strict mode, and are positive or fail at run time, but for those of early errors; what is left out, here
 * or in `excluded`, is never a matter of whether it passes.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ts } from "@ts-morph/common";
import { type Metadata, metadataOf, withoutComments } from "./metadata.ts";

export interface List {
  readonly what: string;
  readonly folders: readonly string[];
  /** Of the durable promise, which is what `Promise` is in a run only: semantics mode runs them as runs, too. */
  readonly inRun?: boolean;
  /** Synchronous tests, made to suspend everywhere; of early errors, put into an async function. */
  readonly inject?: boolean;
  /** What may not be compiled: nothing of it ever runs, so there is no mode in which it is saved. */
  readonly early?: boolean;
  selects(test: Candidate): boolean;
}

export interface Candidate {
  readonly path: string;
  readonly metadata: Metadata;
  /** Its code without comments. */
  readonly code: string;
  readonly syntax: Syntax;
}

/** What of the language a test uses. */
export interface Syntax {
  readonly async: boolean;
  readonly generator: boolean;
  readonly using: boolean;
  readonly topLevelAwait: boolean;
  readonly dynamicImport: boolean;
}

const isUsing = ({ metadata, syntax }: Candidate): boolean =>
  syntax.using || metadata.features.has("explicit-resource-management");

export const lists: Readonly<Record<string, List>> = {
  "inject-await": {
    what: "synchronous tests of the language, with awaits injected everywhere",
    folders: ["test/language"],
    inject: true,
    selects: (test) =>
      isSynchronous(test) &&
      !isUsing(test) &&
      !/\beval\s*\(/.test(test.code) &&
      !/eval-code|global-code/.test(test.path),
  },
  "core-async": {
    what: "async functions, async generators, for await, dynamic import",
    folders: [
      "test/language",
      "test/built-ins/AsyncFromSyncIteratorPrototype",
      "test/built-ins/AsyncGeneratorPrototype",
    ],
    selects: (test) => (test.syntax.async || test.syntax.dynamicImport) && !test.syntax.topLevelAwait && !isUsing(test),
  },
  generators: {
    what: "sync generators",
    folders: ["test/language", "test/built-ins/GeneratorPrototype"],
    selects: (test) => test.syntax.generator && !test.syntax.async && !isUsing(test),
  },
  "generators-inject": {
    what: "sync generators, with awaits injected everywhere",
    folders: ["test/language", "test/built-ins/GeneratorPrototype"],
    inject: true,
    selects: (test) => isSynchronous(test) && test.syntax.generator && !isUsing(test),
  },
  using: {
    what: "using, await using",
    folders: ["test/language"],
    selects: (test) => test.syntax.using && !test.syntax.topLevelAwait,
  },
  promise: {
    what: "the built-in Promise",
    folders: ["test/built-ins/Promise"],
    inRun: true,
    selects: () => true,
  },
  negative: {
    what: "early errors",
    folders: ["test/language"],
    early: true,
    selects: (test) => isEarlyOfModule(test),
  },
  "negative-inject": {
    what: "early errors, in the body of an async function",
    folders: ["test/language"],
    early: true,
    inject: true,
    selects: (test) => isEarlyOfModule(test) && !test.metadata.flags.has("module"),
  },
};

/** What a script alone may not hold at its top level, a module may, and so may a function. */
const isEarlyOfModule = ({ path, metadata }: Candidate): boolean =>
  !metadata.flags.has("raw") && !/not-allowed-at-top-level-of-script/.test(path);

const isSynchronous = ({ path, metadata, code, syntax }: Candidate): boolean =>
  !syntax.async &&
  !syntax.dynamicImport &&
  metadata.negative === null &&
  !["module", "raw", "async"].some((flag) => metadata.flags.has(flag)) &&
  !/\b(async|await)\b/.test(code) &&
  !/import|tail-call/.test(path);

/** Reasons that hold for every list: they speak of the test, and not of what becomes of it. */
function isExcluded({ path, metadata, code }: Candidate, early: boolean): boolean {
  const { flags, features } = metadata;
  return (
    isEarlyError(metadata) !== early ||
    metadata.negative?.phase === "resolution" ||
    flags.has("noStrict") ||
    flags.has("CanBlockIsFalse") ||
    /IsHTMLDDA|\$262\.agent|atomicsHelper/.test(code) ||
    ["IsHTMLDDA", "decorators", "import-defer", "source-phase-imports", "ShadowRealm", "tail-call-optimization"].some(
      (it) => features.has(it),
    ) ||
    /\/eval-code\//.test(path) ||
    // What a function shows of its own text is the compiled text.
    /Function\/prototype\/toString/.test(path) ||
    // Code that is made at run time is not compiled.
    /(?:Async|Generator)Function\s*\(/.test(code)
  );
}

export const isEarlyError = ({ negative }: Metadata): boolean => negative?.phase === "parse";

/** Paths of a list, in order. */
export function select(test262: string, name: string, filter: RegExp): string[] {
  const list = lists[name]!;
  return list.folders
    .flatMap((folder) => testsIn(test262, folder))
    .filter((path) => {
      if (!filter.test(path)) return false;
      const source = readFileSync(join(test262, path), "utf8");
      const metadata = metadataOf(source);
      const code = withoutComments(source);
      const test = { path, metadata, code, syntax: syntaxOf(source, code, metadata.flags.has("module")) };
      return !isExcluded(test, list.early === true) && list.selects(test);
    });
}

function testsIn(test262: string, folder: string): string[] {
  return readdirSync(join(test262, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory()
        ? testsIn(test262, path)
        : path.endsWith(".js") && !path.includes("_FIXTURE")
          ? [path]
          : [];
    })
    .sort();
}

const SILENT = /\b(?:async|await|using|yield)\b|\bimport\s*\(|\*/;

function syntaxOf(source: string, code: string, isModule: boolean): Syntax {
  const syntax = { async: false, generator: false, using: false, topLevelAwait: false, dynamicImport: false };
  if (!SILENT.test(code)) return syntax;
  const visit = (node: ts.Node, isTop: boolean): void => {
    const isFunction = ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node);
    if (ts.isFunctionLike(node)) {
      const isAsync =
        ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((it) => it.kind === ts.SyntaxKind.AsyncKeyword);
      if (isAsync) syntax.async = true;
      else if ("asteriskToken" in node && node.asteriskToken !== undefined) syntax.generator = true;
    }
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) {
      if (isTop) syntax.topLevelAwait = isModule;
      else syntax.async = true;
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) syntax.dynamicImport = true;
    const flags = ts.isVariableDeclarationList(node) ? node.flags & ts.NodeFlags.BlockScoped : 0;
    if (flags === ts.NodeFlags.Using || flags === ts.NodeFlags.AwaitUsing) syntax.using = true;
    ts.forEachChild(node, (child) => visit(child, isTop && !isFunction));
  };
  visit(ts.createSourceFile("test.js", source, ts.ScriptTarget.ESNext, false, ts.ScriptKind.JS), true);
  return syntax;
}
