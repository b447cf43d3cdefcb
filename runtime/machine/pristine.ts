/** The machine's loops need of the language what those of the codec do. */
export { withPlatformIterators } from "../codec/pristine.ts";
