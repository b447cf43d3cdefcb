/** What was typed. */
import { parseArgs } from "node:util";
import { type StoreName, stores } from "../../fixtures/soak/stores.ts";

export interface Settings {
  readonly store: StoreName;
  readonly runs: number;
  readonly workers: number;
  /** Mean time between two kills, ms. */
  readonly killEvery: number;
  /** Length of the workers' leases, ms. */
  readonly lease: number;
  /** How long a day of the shop lasts, ms. */
  readonly day: number;
  /** When it is given up, minutes. */
  readonly minutes: number;
  readonly break: "output-commit" | undefined;
}

export const usage = `npm run soak -- --store ${stores.join("|")} [options]

  --runs <n>             checkouts (5000)
  --workers <n>          worker processes (4)
  --kill-every <ms>      a random one of them is killed (SIGKILL) so often, once all are at work, and another started (1000)
  --lease <ms>           the workers' leases (2000); on a machine that has other work to do, more
  --day <ms>             how long a day of the shop lasts (400)
  --minutes <n>          by then all must have ended (30); a machine that has other work to do needs several times as long
  --break output-commit  issue steps before their commit: the check at the end must fail`;

/** Nothing, when help was asked for. Throws what is wrong with the arguments. */
export function settingsOf(args: readonly string[]): Settings | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      store: { type: "string" },
      runs: { type: "string", default: "5000" },
      workers: { type: "string", default: "4" },
      "kill-every": { type: "string", default: "1000" },
      lease: { type: "string", default: "2000" },
      day: { type: "string", default: "400" },
      minutes: { type: "string", default: "30" },
      break: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const store = stores.find((name) => name === values.store);
  if (store === undefined) throw new Error(`--store takes one of ${stores.join(", ")}`);
  const mutation = values.break;
  if (mutation !== undefined && mutation !== "output-commit") throw new Error("--break takes output-commit");
  return {
    store,
    runs: count("--runs", values.runs),
    workers: count("--workers", values.workers),
    killEvery: count("--kill-every", values["kill-every"]),
    lease: count("--lease", values.lease),
    day: count("--day", values.day),
    minutes: count("--minutes", values.minutes),
    break: mutation,
  };
}

function count(flag: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Error(`${flag} takes a whole number from 1, not ${JSON.stringify(text)}`);
}
