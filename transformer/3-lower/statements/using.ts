/** Scopes with `using` (ECMA-262 2026, DisposeResources): a region like that of a `finally`, which disposes of what the scope has declared. */
import type { ts } from "@ts-morph/common";
import type { Disposal } from "../../2-analyze/disposal.ts";
import type { Region } from "../../ir/ir.ts";
import { code, type Rope } from "../../ir/rope.ts";
import type { Lowering } from "../lowering.ts";

/**
 *                 using = disposables()
 *     [landing T] scope: …, leave normal via F → E
 *                 T: finally = throw sent, jump F
 *                 F: finally = dispose(using, finally), endFinally;  E:
 *
 * The declarations put their resources into `using` (`3-lower/disposables.ts`).
 */
export function disposing(lower: Lowering, scope: ts.Node, disposal: Disposal, build: () => void): void {
  const { builder, targets, module } = lower;
  const { runtime, sent } = module.names;
  const slot = builder.slot("using", null, true);
  const stack: Rope = { type: "slot", slot, access: "read" };
  module.disposables.set(scope, stack);
  builder.assign(slot, `${runtime}.disposables()`);
  const region = builder.region(scope, null);
  const after = builder.block(null);
  builder.within(region.landing, () => {
    targets.within({ type: "region", region }, () => {
      builder.place(builder.block(scope));
      build();
      builder.leave({ type: "normal", regions: [region], target: after }, null, "after");
    });
  });
  builder.place(region.landing);
  builder.assign(region.slot, code`{ type: "throw", value: ${sent} }`);
  builder.jump(region.entry);
  builder.place(region.entry);
  dispose(lower, disposal, region, stack);
  builder.end({ type: "endFinally", region });
  builder.place(after);
}

/**
 * With an `await using` among them, the disposal stands still now and then:
 *
 *                 D: finally = dispose(using, finally), branch using.waits → A else X
 *     [landing L] A: await using.take() → R;  R: jump D
 *                 L: finally = suppress(finally, sent), jump D;  X:
 */
function dispose(lower: Lowering, { waits, list }: Disposal, region: Region, stack: Rope): void {
  const { builder, module } = lower;
  const { runtime, module: handle, sent } = module.names;
  const completion: Rope = { type: "slot", slot: region.slot, access: "read" };
  const disposed = code`${handle}.dispose(${String(module.site(list))}, ${stack}, ${completion})`;
  if (!waits) return builder.assign(region.slot, disposed);
  const go = builder.block(list);
  const done = builder.block(list);
  const failed = builder.block(list);
  failed.pinned = true;
  let wait = done;
  builder.place(go);
  builder.assign(region.slot, disposed);
  builder.within(failed, () => {
    wait = builder.block(list);
  });
  builder.end({ type: "branch", cases: [{ test: code`${stack}.waits`, to: wait }], otherwise: done });
  builder.within(failed, () => {
    builder.place(wait);
    const resume = builder.block(list);
    resume.resumes = true;
    resume.pinned = true;
    resume.savable = "dispose";
    builder.end({ type: "await", value: code`${stack}.take()`, resume });
    builder.place(resume);
    builder.jump(go);
  });
  builder.place(failed);
  builder.assign(region.slot, code`${runtime}.suppress(${completion}, ${sent})`);
  builder.jump(go);
  builder.place(done);
}
