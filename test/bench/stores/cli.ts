/** `npm run bench:stores -- [--json] [--only NAME]` */
import { runFigures } from "../run-figures.ts";
import { figures } from "./index.ts";

await runFigures(figures);
