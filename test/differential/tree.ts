/** Programs that have been built, as those see them who run them: also another process than the one that built them. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export type Mode = "native" | "machine";

export interface OpenTree {
  readonly mode: Mode;
  readonly stage: { world: unknown };
  readonly show: (value: unknown) => string;
  readonly resumeToken: (id: string, value: unknown) => void;
}

export async function openTree(mode: Mode, folder: string): Promise<OpenTree> {
  const load = (name: string): Promise<any> => import(/* @vite-ignore */ pathToFileURL(join(folder, name)).href);
  const { stage } = await load("stage.mjs");
  const { show } = await load("show.mjs");
  await load("services.mjs");
  const { resumeToken } = mode === "native" ? await load("native-perdure.mjs") : await import("perdure/testing");
  return { mode, stage, show, resumeToken };
}
