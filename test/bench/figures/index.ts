/** All figures, in the order of the table in docs/performance.md. A new one is a module of this folder, added here. */
import type { Figure } from "../figure.ts";
import { bytesPerTurn } from "./bytes-per-turn.ts";
import { compile } from "./compile.ts";
import { compileTypes } from "./compile-types.ts";
import { compiledNative, generatorsNative } from "./compiled-native.ts";
import { resume } from "./resume.ts";
import { size } from "./size.ts";
import { turnAlone } from "./turn-alone.ts";
import { turnCpu } from "./turn-cpu.ts";
import { turnsPerCommit } from "./turns-per-commit.ts";
import { walk } from "./walk.ts";

export const figures: readonly Figure[] = [
  turnAlone,
  turnCpu,
  turnsPerCommit,
  resume,
  bytesPerTurn,
  walk,
  size,
  compile,
  compileTypes,
  compiledNative,
  generatorsNative,
];
