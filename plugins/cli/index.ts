/** The command `perdure`: reads the command line, and hands over to a subcommand. */
import { isPerdureError } from "perdure/internal/errors";
import { main } from "./main.ts";

try {
  const code = await main(process.argv.slice(2));
  if (code !== undefined) process.exitCode = code;
} catch (failure) {
  if (!isPerdureError(failure)) throw failure;
  process.stderr.write(`error ${failure.message}\n`);
  process.exitCode = 1;
}
