/**
 * One run in the memory of one worker, from its claim until it leaves: load ▶ (mail, turn, save) ▶ commit ▶ issue ▶ wait.
 *
 * Between the hand-over of a commit and its answer events are only queued, so whatever the vat holds at any other time is
 * committed.
 */
import type { PerdureError } from "../errors.ts";
import type { ChildOperation, Parent, VatEvent, VatLike } from "../machine/contract.ts";
import {
  type Commit,
  type CommitOutcome,
  DORMANT,
  ENDED,
  type Lease,
  type LoadedRun,
  type NewRun,
  type RunHead,
  type StoredStatus,
  type StoreFailure,
} from "../store/store.ts";
import { type Children, type Committed, committedOf, headCommit, newRun, turnCommit, wakeAt } from "./commit.ts";
import { Compaction } from "./compaction.ts";
import { vatHooks } from "./fresh.ts";
import type { HomeOf } from "./home.ts";
import { after } from "./host.ts";
import { Issued } from "./issue.ts";
import { Mailbox } from "./mailbox.ts";
import { engineError } from "./messages.ts";
import { holdBackFailure, tellFailure } from "./outcomes.ts";
import { asCoded, clearances, clearanceText, reasonError, reasonText, triedIn } from "./reason.ts";
import { persist } from "./retry.ts";
import { readParent } from "./saved-texts.ts";
import { loadVat } from "./vats.ts";

/** The worker, as its residents see it. */
export type Home = HomeOf<Resident>;

/** `asked`: its place is wanted, and it goes when its steps have settled. `stays`: they took too long, so it goes when it happens to have none. */
type Yielding = "no" | "asked" | "stays";

type Phase = "loading" | "idle" | "committing" | "gone";

export class Resident {
  readonly lease: Lease;
  readonly #home: Home;
  #phase: Phase = "loading";
  #vat: VatLike | null = null;
  #issued: Issued | null = null;
  #committed!: Committed;
  #parent: Parent | null = null;
  /** Events are queued in the vat, or it has jobs left. */
  #work = false;
  readonly #mailbox: Mailbox;
  readonly #started = new Map<number, ChildOperation>();
  readonly #children: Children = { started: this.#started, create: (operation) => this.#createChild(operation) };
  #compaction: Compaction | null = null;
  #bytes = 0;
  #suspect: boolean;
  /** It came as a suspect. In memory it would be one again if this worker died too, so it leaves as soon as it only waits. */
  #accused = false;
  /** Goes into the reason of the next turn's commit. */
  #remark: string | null = null;
  #cancelTimer: (() => void) | null = null;
  #yielding: Yielding = "no";

  constructor(home: Home, lease: Lease, suspect: boolean) {
    this.#home = home;
    this.lease = lease;
    this.#suspect = suspect;
    this.#mailbox = new Mailbox({
      deliver: (event) => this.#deliver(event),
      wanted: () => !this.gone && this.#vat !== null,
      read: (seq) => this.#persist("inbox", () => home.context.store.inbox(lease, seq)),
      failed: (error) => this.#unreadable(error as StoreFailure),
    });
  }

  /** How large it is, as last encoded. */
  get bytes(): number {
    return this.#bytes;
  }
  get gone(): boolean {
    return this.#phase === "gone";
  }
  get vat(): VatLike | null {
    return this.#vat;
  }
  get hasWork(): boolean {
    return this.#work && this.#phase === "idle";
  }

  /** `head`: as the claim found it, unless that was answered to nobody. */
  async load(head?: RunHead): Promise<void> {
    const { store, host, vats, vatHost, observe, fresh } = this.#home.context;
    const { run, incarnation } = this.lease;
    const hooks = vatHooks(run, observe, () => this.#hasWork());
    const kept = head && fresh.take(head, hooks);
    let loaded: LoadedRun | "fenced" | undefined = kept?.loaded;
    try {
      loaded ??= await this.#persist("load", () => store.load(this.lease));
    } catch (error) {
      return this.#unreadable(error as StoreFailure);
    }
    if (this.gone || loaded === undefined) return;
    if (loaded === "fenced") return this.lose("fenced");
    host.failpoint?.("after-load", run);
    this.#enter(loaded);
    const { strikes, parent } = loaded.head;
    if (strikes >= this.#home.settings.strikes) {
      return this.#stop("quarantined", engineError("PD2508", { run, strikes: String(strikes), where: loaded.head.fn }));
    }
    try {
      this.#parent = parent === null ? null : readParent(parent, run);
      const { segments } = loaded;
      const vat = kept?.vat ?? (await loadVat(vats, { ...vatHost, ...hooks }, { run, incarnation, segments }));
      if (this.gone) return void vat.close?.();
      this.#vat = vat;
    } catch (error) {
      return this.gone ? undefined : this.#block(error);
    }
    this.#issued = new Issued(
      this.#home.context,
      this.#vat,
      { lease: this.lease, fenced: () => this.lose("fenced"), mailed: () => this.mail() },
      (event) => this.#deliver(event),
    );
    for (const operation of this.#vat.operations.values()) {
      if (operation.type === "child") this.#started.set(operation.number, operation);
    }
    this.#home.outbox.deliver(run, incarnation, loaded.outbox);
    this.#phase = "idle";
    try {
      this.#mailbox.take(loaded.inbox);
    } catch (error) {
      return this.#block(error);
    }
    if (this.#suspect) {
      this.#home.suspect(this);
      this.#startProbation();
    }
    if (this.#vat.status() === "running") this.#work = true;
    if (this.#work) this.#home.ready(this);
    else this.#issue();
    this.mail(0);
  }

  #enter({ head, segments }: LoadedRun): void {
    this.#committed = committedOf(head);
    this.#mailbox.begin(head.consumed);
    const { context, settings } = this.#home;
    const baseBytes = segments[0]?.text.length ?? 0;
    this.#compaction = new Compaction(context, this.lease, settings, baseBytes, () => !this.gone);
    this.#suspect ||= head.suspect;
    this.#accused = this.#suspect;
    for (const { text } of segments) this.#bytes += text.length;
    this.#home.context.meter.residentBytes += this.#bytes;
    this.#home.sized();
  }

  #weigh(): void {
    const before = this.#bytes;
    this.#bytes = this.#compaction!.bytes(this.#vat!);
    this.#home.context.meter.residentBytes += this.#bytes - before;
  }

  /** Blocked until it can be read: each sweep tries it again, since no linked code tells when. */
  #unreadable(error: StoreFailure): void {
    if (this.gone || this.#phase === "committing") return;
    if (this.#vat === null) {
      if (error.head === undefined) throw error;
      this.#committed = committedOf(error.head);
    }
    this.#stop("blocked", error);
  }

  #deliver(event: VatEvent): void {
    if (this.gone || this.#vat === null) return;
    this.#vat.deliver(event);
    this.#hasWork();
  }

  #hasWork(): void {
    this.#work = true;
    if (!this.gone) this.#home.ready(this);
  }

  /** There may be mail up to `seq`; unset, the store is asked. */
  mail(seq = Number.POSITIVE_INFINITY): void {
    this.#mailbox.fetch(seq);
  }

  /** Runs a turn and encodes it. Null: nothing to commit now. The worker commits what this returns, together with other runs' turns. */
  takeTurn(): Commit | null {
    const vat = this.#vat;
    if (vat === null || !this.hasWork) return null;
    const { host } = this.#home.context;
    this.#work = false;
    this.#stopWaiting();
    try {
      this.#turn(vat);
      const commit = turnCommit(vat, this.lease, this.#home.commitId(), this.#committed, {
        consumed: this.#mailbox.delivered,
        parent: this.#parent,
        now: host.now(),
        remark: this.#remark,
        release: this.#releaseWithTurn,
        children: this.#children,
      });
      this.#phase = "committing";
      return commit;
    } catch (error) {
      this.#block(error);
      return null;
    }
  }

  #turn(vat: VatLike): void {
    this.#home.entered(this, this.#committed.fn);
    try {
      vat.turn();
    } finally {
      this.#home.exited();
    }
    const { result, fn } = this.#committed;
    if (this.#home.settings.onFailure === "block" && this.#parent === null && result === null)
      holdBackFailure(this.#home.context, this.lease.run, fn, vat.outcome());
  }

  #createChild(operation: ChildOperation): NewRun {
    const { vats, vatHost, host } = this.#home.context;
    const { run, incarnation } = this.lease;
    return newRun(vats.createChild(vatHost, operation), {
      fn: operation.fn,
      argumentText: JSON.stringify(operation.args),
      parent: { run, incarnation, operation: operation.number },
      now: host.now(),
    });
  }

  /** The store's answer to a commit of this run. */
  answered(commit: Commit, outcome: CommitOutcome): void {
    if (this.gone) return;
    if (outcome.type === "fenced") {
      this.lose("fenced");
      return;
    }
    const { host, observe } = this.#home.context;
    const { run, incarnation, epoch } = this.lease;
    const { position, status } = { position: outcome.position, status: commit.status };
    const { consumed, reason, result, codes } = commit;
    const { fn, result: resultBefore } = this.#committed;
    this.#committed = { fn, position, consumed, status, reason, result, codes };
    observe({ type: "committed", run, epoch, position, status });
    if (result !== null || DORMANT.has(status)) {
      const isHeard = this.#home.context.watchers.tell(run, { incarnation, status, reason, result });
      if (resultBefore === null && this.#vat?.outcome()?.status === "rejected")
        tellFailure(this.#home.context, run, fn, this.#vat.outcome()!, isHeard || this.#parent !== null);
      host.hints?.publish(run, "known");
    }
    this.#home.outbox.deliver(run, incarnation, commit.outbox);
    if (commit.release) {
      this.#released(status, reason);
      // With mail that no turn has seen, the store has left the run due.
      const due = outcome.inboxSeq > consumed && !ENDED.has(status) ? host.now() : commit.wakeAt;
      if (due !== null) this.#home.due(due);
      return;
    }
    if (this.#suspect) {
      this.#suspect = false;
      this.#home.cleared(this);
    }
    this.#phase = "idle";
    host.failpoint?.("between-commit-and-issue", run);
    if (commit.segment !== null) this.#keepBooks();
    this.mail(outcome.inboxSeq);
    if (status === "running") this.#work = true;
    this.#issue();
    this.#compactIfDue();
    if (this.#work) this.#home.ready(this);
  }

  #keepBooks(): void {
    this.#remark = null;
    this.#weigh();
    // To clear a map that is empty makes another.
    if (this.#started.size > 0) this.#started.clear();
    for (const operation of this.#vat!.operations.values()) {
      if (operation.type === "child") this.#started.set(operation.number, operation);
    }
  }

  /** Only called when everything the vat holds is committed. */
  #issue(): void {
    if (this.#home.stopping() !== "no") {
      this.waitOrRelease();
      return;
    }
    if (!this.#suspect && !this.#work && this.#yieldsNow()) {
      this.#home.context.meter.evicted++;
      this.#release();
      return;
    }
    try {
      this.issueSteps();
    } catch (error) {
      this.#block(error);
      return;
    }
    this.waitOrRelease();
  }

  /** Looks at steps that have been under way for long. */
  look(): void {
    this.#issued?.look();
  }

  /**
   * May it be given back, since others wait for its place? What the turn has left is then issued by whoever claims the run next. A run whose steps
   * overlap has some under way at the end of every turn: asked to go, it begins no more of them for the time of grace.
   */
  #yieldsNow(): boolean {
    const idle = this.#issued!.attempts === 0;
    if (this.#yielding === "asked") return idle;
    if ((this.#yielding === "stays" && !idle) || !this.#home.yields(this)) return false;
    if (idle) return true;
    this.#yielding = "asked";
    after(this.#home.context.host, this.#home.settings.grace, () => this.#stay());
    return false;
  }

  /** A step takes longer than others may be kept waiting for: the run goes on beside it. */
  #stay(): void {
    if (this.gone || this.#yielding !== "asked") return;
    this.#yielding = "stays";
    if (this.#phase === "idle" && !this.#work && this.#vat !== null) this.#issue();
  }

  /** Issues what is pending. A method of its own so that a simulation can call it too early. */
  protected issueSteps(): void {
    this.#issued!.reconcile(this.#yielding !== "asked");
  }

  /** No event is at hand. Keeps the run in memory for a while if it may go on soon, and otherwise gives it back. */
  waitOrRelease(): void {
    this.#stopWaiting();
    if (this.#phase !== "idle" || this.#work || this.#vat === null) return;
    if (!this.#mayLeave(this.#vat.status())) return;
    if (this.#leavesAtOnce()) {
      this.#release();
      return;
    }
    this.#cancelTimer = after(this.#home.context.host, this.#home.settings.linger, () => this.#release());
    this.#home.idle(this, true);
  }

  #leavesAtOnce(): boolean {
    return this.#accused || this.#home.settings.linger === 0 || this.#home.stopping() !== "no";
  }

  /** Its place is wanted: gives it back now, if it waits. */
  evict(): void {
    if (this.#cancelTimer === null) return;
    this.#stopWaiting();
    this.#release();
  }

  /** Whether the turn just taken is committed and given back in one go. */
  readonly #releaseWithTurn = (status: StoredStatus): boolean => this.#leavesAtOnce() && this.#mayLeave(status);

  /** The run waits for nothing that only this worker can bring: no step, and no timer that is about to fire. */
  #mayLeave(status: StoredStatus): boolean {
    const stopping = this.#home.stopping();
    if (stopping === "now") return true;
    if (this.#issued!.attempts > 0) return false;
    if (stopping === "when-idle") return true;
    if (status !== "waiting" && status !== "finishing") return false;
    const soon = this.#home.context.host.now() + this.#home.settings.linger;
    for (const operation of this.#vat!.operations.values()) {
      if (operation.type === "step" || (operation.type === "timer" && operation.at <= soon)) return false;
    }
    return true;
  }

  /** Parks the run. The store leaves it due at once if mail has arrived that no turn has seen. */
  #release(): void {
    if (this.#phase !== "idle" || this.#work || this.#vat === null) return;
    const { host } = this.#home.context;
    host.failpoint?.("before-release", this.lease.run);
    const status = this.#vat.status();
    const changes = { status, reason: null, wakeAt: wakeAt(status, this.#vat.operations.values(), host.now()) };
    this.#submit(headCommit(this.lease, this.#home.commitId(), this.#committed, host.now(), changes));
  }

  #released(status: StoredStatus, reason: string | null): void {
    const { observe } = this.#home.context;
    const { run } = this.lease;
    if (status === "stuck" || status === "blocked" || status === "quarantined") {
      observe({ type: "stopped-run", run, function: this.#committed.fn, status, error: reasonError(reason, run) });
    } else observe({ type: "released", run, status });
    this.#leave(ENDED.has(status) ? "the run has ended" : "the run is given back to the store");
  }

  /** The store will never take what the last turn saved: the turn is lost and the run blocked. */
  refused(error: PerdureError): void {
    if (this.gone) return;
    this.#phase = "idle";
    this.#block(error);
  }

  #submit(commit: Commit): void {
    this.#phase = "committing";
    this.#stopWaiting();
    this.#home.submit(this, commit);
  }

  /** A coded error: the turn is given up as a whole and the run stays at its last good save, its mail unconsumed. */
  #block(error: unknown): void {
    const coded = asCoded(error, this.lease.run);
    this.#stop("blocked", coded, triedIn(this.#committed.reason, this.#home.context.vats.environment()));
  }

  #stop(status: "blocked" | "quarantined", error: Error, tried?: readonly string[]): void {
    const { host } = this.#home.context;
    this.#issued?.end(`the run is ${status}: ${error.message}`);
    this.#dropVat();
    const reason = reasonText(asCoded(error, this.lease.run), tried);
    this.#submit(
      headCommit(this.lease, this.#home.commitId(), this.#committed, host.now(), { status, reason, wakeAt: null }),
    );
  }

  /**
   * Driven alone and unharmed for that long, a suspect commits a turn without events, which clears it; a run that keeps
   * coming back without progress has to wait longer each time.
   */
  #startProbation(): void {
    const { host } = this.#home.context;
    const { probation, lease } = this.#home.settings;
    const times = clearances(this.#committed.reason);
    after(host, Math.min(probation * 4 ** times, lease * 10), () => {
      if (!this.#suspect || this.#phase !== "idle" || this.#work) return;
      this.#remark = clearanceText(times + 1);
      this.#hasWork();
    });
  }

  #compactIfDue(): void {
    if (this.#vat === null || this.#phase !== "idle" || !this.#compaction!.isDue(this.#vat)) return;
    try {
      this.#compaction!.start(this.#vat, this.#committed.position);
    } catch (error) {
      this.#block(error);
    }
  }

  /** The run belongs to somebody else now, or will: nothing is written any more. */
  lose(why: "fenced" | "lease" | "stopped"): void {
    if (this.gone) return;
    const { run, epoch } = this.lease;
    if (why === "fenced") this.#home.context.meter.fenced++;
    this.#home.context.observe({ type: "lost", run, epoch, why });
    this.#leave("this worker has lost the run");
  }

  #leave(why: string): void {
    this.#phase = "gone";
    this.#stopWaiting();
    this.#issued?.end(why);
    this.#dropVat();
    this.#home.context.meter.residentBytes -= this.#bytes;
    this.#bytes = 0;
    this.#home.left(this);
  }

  #dropVat(): void {
    const closed = this.#vat?.close?.();
    this.#vat = null;
    if (closed !== undefined) this.#home.closing(closed);
  }

  #stopWaiting(): void {
    if (this.#cancelTimer === null) return;
    this.#cancelTimer();
    this.#cancelTimer = null;
    this.#home.idle(this, false);
  }

  #persist<T>(call: string, attempt: () => Promise<T>): Promise<T | undefined> {
    const { host, observe } = this.#home.context;
    return persist(
      host,
      () => !this.gone,
      (error) => observe({ type: "store-failed", call, error }),
      attempt,
    );
  }
}
