// Run in a child process: `node breakpoint-probe.mjs <bundle> <source name> <line>`. A worker thread debugs the main
// thread through the inspector protocol, as an editor does: it maps the source line to the bundle by the source map,
// sets a breakpoint there, and prints where the program stopped, mapped back.
import { readFileSync } from "node:fs";
import { Session } from "node:inspector";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { allGeneratedPositionsFor, LEAST_UPPER_BOUND, originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

if (isMainThread) {
  const [bundle, source, line] = process.argv.slice(2);
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { bundle, source, line: Number(line) } });
  await new Promise((resolve) => {
    worker.once("message", resolve);
    worker.once("error", (error) => {
      console.error(error);
      process.exit(1);
    });
  });
  const { main } = await import(pathToFileURL(bundle).href);
  await main();
  await worker.terminate();
} else {
  const { bundle, source, line } = workerData;
  const map = new TraceMap(JSON.parse(readFileSync(`${bundle}.map`, "utf8")));
  const sourceName = map.sources.find((name) => name?.endsWith(source));
  setInterval(() => {}, 1_000); // A session alone does not keep this thread alive.
  const session = new Session();
  session.connectToMainThread();
  const post = (method, params) =>
    new Promise((resolve, reject) =>
      session.post(method, params, (error, result) => (error ? reject(error) : resolve(result))),
    );
  session.on("Debugger.paused", ({ params }) => {
    const [frame] = params.callFrames;
    const { lineNumber, columnNumber } = frame.location;
    const at = originalPositionFor(map, { line: lineNumber + 1, column: columnNumber });
    console.log(`stopped at ${at.source?.split("/").pop()}:${at.line}`);
    session.post("Debugger.resume");
  });
  await post("Debugger.enable");
  const places = allGeneratedPositionsFor(map, { source: sourceName, line, column: 0, bias: LEAST_UPPER_BOUND });
  for (const place of places.length > 0 ? places : []) {
    await post("Debugger.setBreakpointByUrl", {
      url: pathToFileURL(bundle).href,
      lineNumber: place.line - 1,
      columnNumber: place.column,
    });
  }
  parentPort.postMessage(places.length);
}
