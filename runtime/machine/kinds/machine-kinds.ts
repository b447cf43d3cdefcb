/** The kinds that the machine adds to those of the language, in the order in which they are asked. */
import type { Kind } from "../../codec/contract.ts";
import { bodyKinds } from "../platform/bodies/kinds.ts";
import { activationKind } from "./activation.ts";
import { cellKind } from "./cell.ts";
import { classKind, functionKind } from "./closure.ts";
import type { KindContext } from "./context.ts";
import { disposalKind } from "./disposal.ts";
import { asyncGeneratorKind, asyncRecordKind, generatorKind, generatorPrototypeKind } from "./generator.ts";
import { instanceKind } from "./instance.ts";
import { asyncLoopKind, iteratorKind, loopKind, memberKind } from "./loops.ts";
import { operationKind } from "./operation.ts";
import { promiseKind } from "./promise.ts";
import { methodKind, prototypeKind } from "./prototype.ts";
import { runRootKind } from "./run-root.ts";

/** Kinds of values that may leave a run: closures and instances of code that the other side links. */
const valueKinds = (context: KindContext) => [
  cellKind(context),
  functionKind(context),
  classKind(context),
  methodKind,
  generatorKind(context),
  asyncGeneratorKind,
  generatorPrototypeKind,
  prototypeKind,
  instanceKind(context),
];

export const machineKinds = (context: KindContext): readonly Kind[] =>
  [
    promiseKind(context),
    asyncRecordKind(context),
    activationKind(context),
    ...valueKinds(context),
    operationKind(context),
    loopKind(context),
    asyncLoopKind,
    iteratorKind,
    memberKind,
    disposalKind,
    runRootKind(context),
  ] as unknown as readonly Kind[];

/** For heaps without a run: a promise is known, so that it is refused with its reason. */
export const portableKinds = (context: KindContext): readonly Kind[] =>
  [promiseKind(context), asyncRecordKind(context), ...valueKinds(context), ...bodyKinds] as unknown as readonly Kind[];
