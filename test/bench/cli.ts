/** `npm run bench -- [--json] [--only NAME]` */
import { figures } from "./figures/index.ts";
import { runFigures } from "./run-figures.ts";

await runFigures(figures, { seconds: 600 });
