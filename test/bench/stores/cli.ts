/** `npm run bench:stores -- [--json] [--only NAME] [--write]` */
import { runFigures } from "../run-figures.ts";
import { figures } from "./index.ts";
import { write } from "./write.ts";

await runFigures(figures, { seconds: 300, write });
