/** Strongly connected components (Tarjan 1972), with a stack of its own: which objects lie on a cycle. */

interface Visit<T> {
  readonly node: T;
  readonly children: readonly T[];
  readonly index: number;
  next: number;
  low: number;
}

/** The first of `starts` that leads back to itself; undefined when none does. */
export function findOnCycle<T>(starts: Iterable<T>, childrenOf: (node: T) => readonly T[]): T | undefined {
  const wanted = new Set(starts);
  const visits = new Map<T, Visit<T>>();
  /** Nodes whose component is not complete yet, in the order of their visits. */
  const open: Visit<T>[] = [];
  const isOpen = new Set<T>();
  const enter = (node: T): Visit<T> => {
    const visit = { node, children: childrenOf(node), index: visits.size, next: 0, low: visits.size };
    visits.set(node, visit);
    open.push(visit);
    isOpen.add(node);
    return visit;
  };

  /** Takes the component that `visit` is the root of; its first wanted node, if the component is a cycle. */
  const close = (visit: Visit<T>): T | undefined => {
    const component = open.splice(open.lastIndexOf(visit)).map(({ node }) => node);
    for (const node of component) isOpen.delete(node);
    const isCycle = component.length > 1 || visit.children.includes(visit.node);
    return isCycle ? component.find((node) => wanted.has(node)) : undefined;
  };

  for (const start of wanted) {
    const path = visits.has(start) ? [] : [enter(start)];
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const child = at.children[at.next++];
      if (child !== undefined) {
        const seen = visits.get(child);
        if (seen === undefined) path.push(enter(child));
        else if (isOpen.has(child)) at.low = Math.min(at.low, seen.index);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent) parent.low = Math.min(parent.low, at.low);
      if (at.low !== at.index) continue;
      const found = close(at);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
