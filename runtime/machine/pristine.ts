/** The machine's loops need of the language what those of the codec do. */
export { repeatably, withPlatformBuiltIns } from "../codec/pristine.ts";
