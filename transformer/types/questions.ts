/** What the analysis asks about types. The answers come from {@link TypeSource}; without it, every answer is "unknown". */
import type { ts } from "@ts-morph/common";

/**
 * What a value of this type is to an `await`:
 * - `promise`: exactly the library's `Promise`, or a known eager subclass (`eager.ts`);
 * - `maybe-promise`: a union with one;
 * - `thenable`: anything else that has a `then` method (query builders, lazy subclasses of `Promise`);
 * - `void`: returns nothing, though an async function may stand behind such a type;
 * - `plain`: no promise;
 * - `unknown`: `any`, `unknown`, a type parameter, or a type that could not be resolved.
 */
export type AwaitType = "promise" | "maybe-promise" | "thenable" | "void" | "plain" | "unknown";

/** The typed program's view of one file. Nodes are those of the transformer's own parse tree of the same text. */
export interface FileTypes {
  /** The type of an expression, as `await` sees it. */
  awaitType(node: ts.Expression): AwaitType;
  /** Certainly a string, number, bigint, boolean, null or undefined: such a value is saved whatever made it. */
  primitive(node: ts.Expression): boolean;
  /** Whether the value may be called. */
  callable(node: ts.Expression): "yes" | "no" | "unknown";
  /** The ECMAScript built-in whose instance this is: `Array`, `Map`, `String`, `Promise` …; undefined for every other type. */
  builtIn(node: ts.Expression): string | undefined;
  /** Certainly an `AbortSignal` of the platform, or none at all. */
  abortSignal(node: ts.Expression): boolean;
  /**
   * Whose code an async iterable is: `ordinary` certainly, as a stream, or what an ordinary function gives; `unknown`: an interface's (`AsyncIterable`), which says
   * nothing of who implements it; `none`: it is no async iterable.
   */
  asyncIterable(node: ts.Expression): "ordinary" | "durable" | "unknown" | "none";
  /** Read from a connection of this process: a stream, or an answer with one in it; not the platform's own `Response`, which has a durable form. */
  live(node: ts.Expression): boolean;
  /** A client of a package that is connected and ended by calls of its own. */
  connection(node: ts.Expression): boolean;
  /** What a package makes, and a call of its own ends: a client, a queue, a transaction. */
  ending(node: ts.Expression): boolean;
  /** What a package makes and goes on with: it is read while it comes, or has promises or streams in its properties. No thenable. */
  coming(node: ts.Expression): boolean;
  /** An object of ordinary code that has methods, itself or in its properties: a client, a builder. Often no save can hold it. No promise and no thenable. */
  service(node: ts.Expression): boolean;
  /** Whether a callee is declared in a module, or as a function, with the directive: as a function, or as a variable or member of some type. */
  declaredDurable(callee: ts.Expression): boolean;
  /**
   * Whose code the callee runs, as far as its type tells: a function's or method's body in a module with the directive, or in one without. A function
   * type or an interface says nothing of who implements it.
   */
  implementation(callee: ts.Expression): "durable" | "ordinary" | "unknown";
  /** Whether a name is declared so that it never has another value: a `const`, a function, a class. */
  constant(name: ts.Expression): boolean;
  /** The type as TypeScript prints it, for messages. */
  print(node: ts.Expression): string;
}
