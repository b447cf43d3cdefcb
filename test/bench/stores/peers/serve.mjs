// A contestant is a process that answers calls over Node's IPC: `{ id, method, args }` with `{ id, value }` or `{ id, error }`.

/** Milliseconds that the body takes. */
export async function timed(body) {
  const start = performance.now();
  await body();
  return performance.now() - start;
}

export function serve(methods) {
  process.on("message", async ({ id, method, args }) => {
    try {
      process.send({ id, value: await methods[method](...args) });
    } catch (error) {
      process.send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on("disconnect", () => process.exit(0));
  process.send({ id: 0, value: "ready" });
}
