/** What every realm gets before its test: the runtime, as one global that tests do not see. */
import * as emitted from "perdure/emitted";
import { nameOfIntrinsic } from "perdure/internal/codec/intrinsics";
import { drive, report, type Surroundings } from "./persist.ts";

const { print, setTimeout } = globalThis as unknown as Surroundings;
const surroundings: Surroundings = { print, setTimeout };

Object.defineProperty(globalThis, "__perdure__", {
  value: {
    emitted,
    harness: Object.create(null),
    report,
    surroundings,
    drive: (main: () => unknown) => drive(main, surroundings),
  },
});

// What every realm has is told apart from what the harness and the test add to it.
nameOfIntrinsic(globalThis);
