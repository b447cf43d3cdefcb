/** The resources of a scope that waits: `{ "resources": [[hint, member?], …], "state": [needsAwait, hasAwaited] }`. */
import type { Json, Kind } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/json.ts";
import { Disposables, type Hint } from "../disposal.ts";
import { Member } from "../members.ts";

const isHint = (json: Json | undefined): json is Hint => json === "sync" || json === "async" || json === "wrapped";

export const disposalKind: Kind<Disposables> = {
  tag: "disposables",
  test: (value): value is Disposables => value instanceof Disposables,

  encode: (stack, encoder) => ({
    resources: stack.resources.map(
      ({ hint, method }): Json => (method === undefined ? [hint] : [hint, encoder.value(method, " (disposal)")]),
    ),
    state: [stack.needsAwait, stack.hasAwaited],
  }),

  create: () => new Disposables(),

  fill(stack, payload, decoder) {
    if (!isJsonObject(payload) || !Array.isArray(payload.resources) || !Array.isArray(payload.state))
      return decoder.corrupt("the resources of a scope have no known form");
    for (const one of payload.resources as readonly Json[]) {
      const [hint, method] = (Array.isArray(one) ? one : []) as readonly (Json | undefined)[];
      if (!isHint(hint)) return decoder.corrupt("a resource has no known form");
      const member = method === undefined ? undefined : decoder.value(method);
      if (member !== undefined && !(member instanceof Member)) return decoder.corrupt("a resource has no method");
      stack.resources.push({ hint, method: member });
    }
    const [needsAwait, hasAwaited] = payload.state as readonly Json[];
    stack.needsAwait = needsAwait === true;
    stack.hasAwaited = hasAwaited === true;
  },
};
