/** A store that says how large what it is given is. */
import type { Store } from "perdure/internal/store/store";

export interface Scales {
  /** A turn's segment. */
  turn(bytes: number): void;
  /** A base that is written after a turn. */
  base(bytes: number): void;
}

export function weighing(store: Store, scales: Scales): Store {
  return Object.assign(Object.create(store) as Store, {
    commit(group: Parameters<Store["commit"]>[0]) {
      for (const { segment } of group) if (segment !== null) scales.turn(Buffer.byteLength(segment.text));
      return store.commit(group);
    },
    compact(...args: Parameters<Store["compact"]>) {
      scales.base(Buffer.byteLength(args[2].text));
      return store.compact(...args);
    },
  });
}
