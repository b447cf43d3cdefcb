/** What a program's saves held: so that one that no save caught in the middle does not count. */
export class Census {
  saves = 0;
  /** Saves with a suspended function. */
  withFrame = 0;
  /** Most functions suspended at once that do not wait for each other. */
  fibers = 0;
  /** Saves with a closure, or an instance of a durable class, beside the frames. */
  withClosure = 0;
  withInstance = 0;

  /** Looks at a base: all of its objects are alive. */
  take(text: string): void {
    const { nodes } = (JSON.parse(text) as { body: { nodes: [number, string, any][] } }).body;
    const tags = new Map(nodes.map(([id, tag]) => [id, tag]));
    this.saves++;
    const frames = nodes.filter(([, tag]) => tag === "frame");
    if (nodes.some(([, tag]) => FRAMES.has(tag))) this.withFrame++;
    if (nodes.some(([, tag]) => tag === "closure")) this.withClosure++;
    if (nodes.some(([, tag]) => tag === "instance")) this.withInstance++;
    // A fiber is a suspended function that waits for no other function: not for a call, nor for a combinator of them.
    const results = new Set(frames.map(([, , payload]) => [...references(payload[3])][0]));
    let waiting = 0;
    for (const [id, tag, payload] of nodes) {
      if (tag !== "promise" || results.has(id) || payload.members !== undefined) continue;
      waiting += new Set([...references(payload.reactions)].filter((it) => tags.get(it) === "frame")).size;
    }
    this.fibers = Math.max(this.fibers, waiting);
  }
}

/** Activation records: of functions, and of generators. */
const FRAMES: ReadonlySet<string> = new Set(["frame", "generator", "generator-frame"]);

/** Object numbers in a payload: arrays of one number. */
function* references(payload: unknown): Iterable<number> {
  if (typeof payload !== "object" || payload === null) return;
  if (Array.isArray(payload) && payload.length === 1 && typeof payload[0] === "number") yield payload[0];
  for (const item of Object.values(payload)) yield* references(item);
}
