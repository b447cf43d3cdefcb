/** Which texts of the store's records are sealed, and as what. */
import type { PerdureError } from "../../errors.ts";
import type { Commit, Ending, InboxEntry, LoadedRun, Message, NewRun, Outgoing, RunHead, Segment } from "../store.ts";
import type { Cipher, Place } from "./cipher.ts";

const ofIncarnation = (incarnation: string, what: string): Place => ({ scope: `incarnation ${incarnation}`, what });
const segmentPlace = (incarnation: string, position: number, kind: Segment["kind"]): Place =>
  ofIncarnation(incarnation, `segment ${position} (${kind})`);
/** A sender may not know the incarnation. */
const messagePlace = (run: string, key: string): Place => ({ scope: `inbox ${run}`, what: `message ${key}` });

/** Applies `change` to a text that may be missing. */
const each = async (text: string | null, change: (text: string) => Promise<string>): Promise<string | null> =>
  text === null ? null : change(text);

/** As the engine writes reasons: see `RunHead.reason`. */
const reasonOf = ({ code, message, fix, details }: PerdureError): string =>
  JSON.stringify({ code, message, fix, details });

export class SealedRecords {
  readonly #cipher: Cipher;

  constructor(cipher: Cipher) {
    this.#cipher = cipher;
  }

  async sealSegment(incarnation: string, position: number, { kind, text }: Segment): Promise<Segment> {
    return { kind, text: await this.#cipher.seal(text, segmentPlace(incarnation, position, kind)) };
  }

  async sealMessage(run: string, { key, body }: Message): Promise<Message> {
    return { key, body: await this.#cipher.seal(body, messagePlace(run, key)) };
  }

  openBody(run: string, key: string, body: string): Promise<string> {
    return this.#cipher.open(body, messagePlace(run, key));
  }

  async openInbox(run: string, entries: readonly InboxEntry[]): Promise<InboxEntry[]> {
    return Promise.all(
      entries.map(async (entry) => ({ ...entry, body: await this.openBody(run, entry.key, entry.body) })),
    );
  }

  async sealNewRun(run: NewRun): Promise<NewRun> {
    return { ...run, segment: await this.sealSegment(run.incarnation, 0, run.segment) };
  }

  async sealCommit(commit: Commit): Promise<Commit> {
    const { lease, segment, result, reason, position, outbox } = commit;
    const { incarnation } = lease;
    return {
      ...commit,
      segment: segment === null ? null : await this.sealSegment(incarnation, position + 1, segment),
      result: await each(result, (text) => this.#cipher.seal(text, ofIncarnation(incarnation, "result"))),
      reason: await each(reason, (text) => this.#cipher.seal(text, ofIncarnation(incarnation, "reason"))),
      outbox: await Promise.all(outbox.map((entry) => this.#sealOutgoing(entry))),
    };
  }

  /** Sealed anew for each attempt: of a repetition only the commit id is looked at. */
  async sealEnding(ending: Ending): Promise<Ending> {
    const { result, outbox } = ending;
    return {
      ...ending,
      result: await each(result, (text) => this.#cipher.seal(text, ofIncarnation(ending.incarnation, "result"))),
      outbox: await Promise.all(outbox.map((entry) => this.#sealOutgoing(entry))),
    };
  }

  async #sealOutgoing(entry: Outgoing): Promise<Outgoing> {
    return entry.type === "start"
      ? { ...entry, create: await this.sealNewRun(entry.create) }
      : { ...entry, message: await this.sealMessage(entry.to, entry.message) };
  }

  async openOutgoing(entry: Outgoing): Promise<Outgoing> {
    if (entry.type === "message") {
      const { key, body } = entry.message;
      return { ...entry, message: { key, body: await this.openBody(entry.to, key, body) } };
    }
    const { create } = entry;
    const [segment] = await this.#openSegments(create.incarnation, 0, [create.segment]);
    return { ...entry, create: { ...create, segment: segment! } };
  }

  /** A reason that cannot be read is why not: the run can still be seen, retried and ended. */
  async openHead(head: RunHead): Promise<RunHead> {
    const place = (what: string) => ofIncarnation(head.incarnation, what);
    const [result, reason] = await Promise.all([
      each(head.result, (text) => this.#cipher.open(text, place("result"))),
      each(head.reason, (text) => this.#cipher.open(text, place("reason")).catch(reasonOf)),
    ]);
    return { ...head, result, reason };
  }

  /** As {@link openHead}; a result that cannot be read is null, and the reason says why. */
  async openWhatCanBe(head: RunHead): Promise<RunHead> {
    return this.openHead(head).catch((error) => ({ ...head, result: null, reason: reasonOf(error) }));
  }

  async openRun(run: LoadedRun): Promise<LoadedRun> {
    const { head, segments, inbox, outbox } = run;
    try {
      return {
        head: await this.openHead(head),
        segments: await this.#openSegments(head.incarnation, head.position, segments),
        inbox: await this.openInbox(head.run, inbox),
        outbox: await Promise.all(outbox.map((entry) => this.openOutgoing(entry))),
      };
    } catch (error) {
      throw Object.assign(error as Error, { head: await this.openWhatCanBe(head) });
    }
  }

  /** Those that can be read; when none can, the error of the first. */
  async openPending<P extends { readonly entry: Outgoing }>(pending: readonly P[]): Promise<P[]> {
    const opened = await Promise.allSettled(
      pending.map(async (one) => ({ ...one, entry: await this.openOutgoing(one.entry) })),
    );
    const [failed] = opened.filter((one) => one.status === "rejected");
    const readable = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    if (readable.length === 0 && failed !== undefined) throw failed.reason;
    return readable;
  }

  /** Deltas have consecutive positions, up to that of the head. */
  #openSegments(incarnation: string, last: number, segments: readonly Segment[]): Promise<Segment[]> {
    const first = last - segments.length + 1;
    return Promise.all(
      segments.map(async ({ kind, text }, index) => ({
        kind,
        text: await this.#cipher.open(text, segmentPlace(incarnation, first + index, kind)),
      })),
    );
  }
}
