/** A durable function of one step. */
import { linear } from "./linear.ts";

/** A step of one call: gives what the step gave, or `[name, message]` of what it threw. */
export const single = (service: Function, before?: (f: any) => void) =>
  linear(
    ($m) => ({
      parts: [
        (f) => {
          const promise = $m.call(0, service, f.args);
          before?.(f);
          return promise;
        },
        (f, sent) => ({ sent, args: f.args }),
      ],
    }),
    { sites: ["service(x)"], refs: { service: () => service } },
  ).main;
