/** What Linux tells of processes; elsewhere nothing. */
import { readdirSync, readFileSync } from "node:fs";

/** The fields of `/proc/PID/stat` after the name, which stands in parentheses and may hold anything; undefined when the process has gone. */
function stat(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code!)) return undefined;
    throw error;
  }
}

/** Processes and all that they started. */
export function family(roots: readonly number[]): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const parent = /^\d+$/.test(name) && stat(Number(name))?.[1];
    if (parent) parents.set(Number(name), Number(parent));
  }
  const found = [...new Set(roots)];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found;
}

/** A tick of the clock by which Linux counts. */
const TICK = 10;

/** Milliseconds of processor time that these processes, and those that they started, have had; undefined where that is not told. */
export function processorTime(roots: readonly number[]): number | undefined {
  if (process.platform !== "linux") return undefined;
  const ticks = family(roots).map((pid) => {
    const fields = stat(pid);
    return fields === undefined ? 0 : Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, one) => sum + one, 0) * TICK;
}
