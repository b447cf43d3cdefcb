/**
 * A worker: claims due runs, drives them and gives them back. One lease covers all its runs; when that is lost it lets go of
 * everything and starts again under a new id.
 */
import type { Commit, Lease, RunHead, RunId, WorkerId } from "../store/store.ts";
import { Claims } from "./claims.ts";
import { Committer, type Submission } from "./committer.ts";
import type { EngineContext } from "./context.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { after, chance, freshId, type Heartbeat } from "./host.ts";
import { housekeeping } from "./housekeeping.ts";
import type { WorkSettings } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { PATIENCE } from "./parked.ts";
import { Places } from "./places.ts";
import { type Home, Resident } from "./resident.ts";
import { persist } from "./retry.ts";
import { Revivals } from "./revivals.ts";
import { Unlinked } from "./unlinked.ts";

/** Turns in one commit at most: bounds what one call of the store carries and how long the loop is busy. */
const GROUP = 256;

/** Turns taken in one go while a commit is under way: its answer should not wait for more. */
const AHEAD = 8;

/** Messages of dead workers that are looked for when one of them is noticed. */
const ORPHANS = 64;

/** Shortest wait between two rounds that no hint asked for, ms. */
const SHORTEST = 5;

/** How residents are made; the simulator's mutations put others in their place. */
export type ResidentMaker = (home: Home, lease: Lease, suspect: boolean) => Resident;

export class Worker {
  readonly #context: EngineContext;
  readonly #settings: WorkSettings;
  readonly #makeResident: ResidentMaker;
  readonly #residents = new Map<RunId, Resident>();
  readonly #places: Places<Resident>;
  readonly #ready = new Set<Resident>();
  /** Ends with the lease: what was begun under it is then no longer wanted. */
  #tenure: Tenure | null = null;
  #pumping = false;
  #stopping: "no" | "when-idle" | "now" = "no";
  #woken: (() => void) | null = null;
  /** A hint came: claim on the next round, whatever the poll interval says. */
  #hinted = false;
  /** When the loop looks for due runs next; while it does, what becomes due makes it look again. */
  #sleepsUntil = Number.POSITIVE_INFINITY;
  #empty: (() => void) | null = null;
  /** What is waited for before it has stopped: disposals of resources, a registration that may have to be ended. */
  readonly #endings = new Set<Promise<unknown>>();
  /** Residents that the store did not name among those that this worker owns. */
  #disowned: ReadonlySet<Resident> = new Set();
  /** Looks that are left for messages which a dead worker did not send. */
  #orphanLooks = 0;
  #stopped: () => void = () => {};

  constructor(
    context: EngineContext,
    settings: WorkSettings,
    makeResident: ResidentMaker = (...args) => new Resident(...args),
  ) {
    this.#context = context;
    this.#settings = settings;
    this.#makeResident = makeResident;
    this.#places = new Places(settings, () => context.meter.evicted++);
  }

  /** Works until {@link stop}. */
  async run(): Promise<void> {
    const unsubscribe = this.#context.host.hints?.subscribe((run, hint) => {
      if (hint === "due") this.#hint(run);
    });
    const deafen = this.#context.store.listen?.("due", (run) => this.#hint(run));
    // A call of the store that is never answered must not keep the worker from stopping.
    const stopped = new Promise<void>((resolve) => {
      this.#stopped = resolve;
    });
    const expected = this.#context.fresh.expect();
    await Promise.race([this.#loop(), stopped]);
    expected();
    unsubscribe?.();
    deafen?.();
    await this.#close();
  }

  async #loop(): Promise<void> {
    const { poll, sweep, until } = this.#settings;
    const { host } = this.#context;
    let nextPoll = 0;
    // One that ends when it is idle may not live to see a later sweep.
    let nextLook = 0;
    let nextSweep = until === "idle" ? 0 : host.now() + sweep * chance(host);
    const unlinked = new Unlinked(this.#context);
    const revivals = new Revivals();
    const goesOn = () => this.#stopping === "no";
    while (goesOn()) {
      const tenure = this.#tenure ?? (await this.#ending(this.#register()));
      if (tenure === null) continue;
      this.#hinted = false;
      // A clock that was set back makes no look late by as much.
      nextPoll = Math.min(nextPoll, host.now() + poll * 1.25);
      nextSweep = Math.min(nextSweep, host.now() + sweep * 1.25);
      nextLook = Math.min(nextLook, host.now() + sweep);
      if (host.now() >= nextPoll) {
        nextPoll = host.now() + poll * (0.75 + chance(host) / 2);
        for (const resident of this.#residents.values()) resident.look();
        await this.#round(tenure);
        if (this.#orphanLooks > 0) {
          this.#orphanLooks--;
          // Not waited for: what this worker claims comes first.
          void tenure.outbox.sweep(ORPHANS, false);
        }
        if (tenure.held) this.#places.press(this.#places.free === 0 && (await tenure.claims.othersWait()));
      }
      const wake = await tenure.claims.claim();
      if (!goesOn()) return;
      if (host.now() >= nextLook && tenure.held) {
        const areLeft = await unlinked.tell();
        nextLook = host.now() + (areLeft ? Math.min(sweep, PATIENCE) : sweep);
      }
      if (host.now() >= nextSweep) {
        const { outbox } = tenure;
        const more = await housekeeping(this.#context, this.#settings, { outbox, revivals }, () => tenure.held);
        nextSweep = host.now() + (more ? Math.min(poll, sweep) : sweep * (0.75 + chance(host) / 2));
      }
      if (until === "idle" && (await this.#isIdle(tenure, wake))) return this.stop();
      await this.#sleep(Math.max(SHORTEST, Math.min(nextPoll, wake ?? nextPoll) - host.now()));
    }
  }

  /** Nothing is here, nothing is due, and what left for other runs has arrived, some of which may be due by that. */
  async #isIdle(tenure: Tenure, wake: number | null): Promise<boolean> {
    const quiet = () => this.#residents.size === 0 && !this.#hinted && !tenure.claims.failed;
    if (!quiet() || (wake !== null && wake <= this.#context.host.now())) return false;
    await tenure.outbox.settled();
    return quiet();
  }

  /** Finishes turns, lets steps settle for the time of grace, gives the runs back and retires. {@link run} then resolves. */
  stop(): void {
    if (this.#stopping !== "no") return;
    this.#stopping = "when-idle";
    this.#stopped();
    this.#woken?.();
  }

  async #register(): Promise<Tenure | null> {
    const { store, host } = this.#context;
    const worker = freshId(host);
    const { lease } = this.#settings;
    const held = await this.#persist(
      "renew",
      () => this.#stopping === "no",
      () => store.renew(worker, host.now(), host.now() + lease),
    );
    if (held !== true) return null;
    if (this.#stopping !== "no") {
      // Stopped meanwhile: nobody would end this lease.
      await store.retire(worker).catch((error: unknown) => this.#failed("retire", error));
      return null;
    }
    const wanted = () => tenure.held;
    const outbox = new Outbox(this.#context, wanted);
    const home = this.#home(worker, outbox);
    const tenure: Tenure = {
      worker,
      held: true,
      home,
      outbox,
      committer: new Committer(this.#context, wanted),
      taken: [],
      heartbeat: startHeartbeat(this.#context, worker, lease, () => this.#lost(tenure)),
      claims: new Claims<Resident>(this.#context, worker, {
        free: () => this.#places.free,
        wanted: () => tenure.held && this.#stopping === "no",
        // What is there at both looks has no sender any more, or a slow one: it may arrive twice.
        tookOver: () => {
          this.#orphanLooks = 2;
        },
        admit: (claimed, suspect, head) => this.#admit(home, claimed, suspect, head),
      }),
    };
    this.#tenure = tenure;
    return tenure;
  }

  #home(worker: WorkerId, outbox: Outbox): Home {
    let commits = 0;
    return {
      commitId: () => `${worker}.${++commits}`,
      context: this.#context,
      settings: this.#settings,
      outbox,
      ready: (resident) => {
        this.#ready.add(resident);
        this.#pumpSoon();
      },
      entered: (resident, fn) => this.#tenure?.heartbeat.entered?.(resident.lease.run, fn),
      exited: () => this.#tenure?.heartbeat.left?.(),
      submit: (resident, commit) => this.#commit([submission(resident, commit)]),
      left: (resident) => this.#left(resident),
      due: (at) => {
        if (at < this.#sleepsUntil) this.#wake();
      },
      suspect: (resident) => this.#tenure?.claims.suspect(resident),
      cleared: (resident) => this.#cleared(resident),
      stopping: () => this.#stopping,
      idle: (resident, is) => this.#places.idle(resident, is),
      sized: () => {
        if (this.#places.sized()) this.#wake();
      },
      yields: (resident) => this.#places.yields(resident, this.#context.host.now()),
      closing: (done) => void this.#ending(done),
    };
  }

  #ending<T>(work: Promise<T>): Promise<T> {
    const settled = work.finally(() => this.#endings.delete(settled));
    this.#endings.add(settled);
    return settled;
  }

  #admit(home: Home, lease: Lease, suspect: boolean, head?: RunHead): Resident | null {
    const before = this.#residents.get(lease.run);
    if (before !== undefined) {
      if (before.lease.epoch >= lease.epoch) return null;
      before.lose("fenced");
    }
    const resident = this.#makeResident(home, lease, suspect);
    this.#residents.set(lease.run, resident);
    this.#places.enter(resident, this.#context.host.now());
    this.#context.meter.resident++;
    this.#context.watchers.arrived(lease.run);
    this.#context.observe({ type: "claimed", worker: lease.worker, run: lease.run, epoch: lease.epoch, suspect });
    void resident.load(head);
    return resident;
  }

  #left(resident: Resident): void {
    this.#ready.delete(resident);
    this.#context.meter.resident--;
    this.#context.watchers.left(resident.lease.run);
    if (this.#residents.get(resident.lease.run) === resident) this.#residents.delete(resident.lease.run);
    this.#cleared(resident);
    if (this.#residents.size === 0) {
      this.#empty?.();
      if (this.#settings.until === "idle") this.#wake();
    }
    // A place is free that others may have been waiting for.
    if (this.#places.leave(resident)) this.#wake();
  }

  #cleared(resident: Resident): void {
    if (this.#tenure?.claims.cleared(resident) === true) this.#wake();
  }

  /** Looks after mail in resident runs, and after claims whose answer was lost. */
  async #round(tenure: Tenure): Promise<void> {
    const { store } = this.#context;
    const before = new Set(this.#residents.values());
    const owned = await this.#persist(
      "owned",
      () => tenure.held,
      () => store.owned(tenure.worker),
    );
    if (owned === undefined || !tenure.held || this.#stopping !== "no") return;
    for (const { lease, inboxSeq } of owned) {
      const resident = this.#residents.get(lease.run);
      if (resident === undefined || resident.lease.epoch < lease.epoch) this.#admit(tenure.home, lease, false);
      else {
        resident.mail(inboxSeq);
        before.delete(resident);
      }
    }
    // Ended from outside: nobody will write it any more. One that is only on its way out is gone by the next look.
    for (const resident of before) if (this.#disowned.has(resident)) resident.lose("fenced");
    this.#disowned = before;
  }

  #hint(run: RunId): void {
    const resident = this.#residents.get(run);
    if (resident !== undefined) resident.mail();
    else {
      this.#places.wanted();
      this.#wake();
    }
  }

  #wake(): void {
    this.#hinted = true;
    this.#woken?.();
  }

  #sleep(ms: number): Promise<void> {
    if (this.#hinted || this.#stopping !== "no" || this.#tenure === null) {
      // Still yields, so that a stream of hints cannot keep the loop to itself.
      return new Promise((resolve) => this.#context.host.defer(resolve));
    }
    this.#sleepsUntil = this.#context.host.now() + ms;
    return new Promise((resolve) => {
      const cancel = after(this.#context.host, ms, () => done());
      const done = () => {
        cancel();
        this.#woken = null;
        this.#sleepsUntil = Number.POSITIVE_INFINITY;
        resolve();
      };
      this.#woken = done;
    });
  }

  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#context.host.defer(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  /**
   * Turns of all runs that have work, then one commit. While one is under way, turns of other runs go ahead and wait for the next; what settles for a
   * run whose own turn is not committed is left to its next turn.
   */
  #pump(): void {
    const tenure = this.#tenure;
    if (tenure === null) return;
    const { committer, taken } = tenure;
    const most = committer.busy ? Math.min(taken.length + AHEAD, GROUP) : GROUP;
    for (const resident of this.#ready) {
      if (taken.length >= most) break;
      this.#ready.delete(resident);
      const commit = resident.takeTurn();
      if (commit !== null) taken.push(submission(resident, commit));
    }
    if (!committer.busy) {
      if (taken.length > 0) this.#commit(taken.splice(0));
    } else if (this.#ready.size > 0 && taken.length < GROUP) this.#pumpSoon();
  }

  #commit(group: readonly Submission[]): void {
    const tenure = this.#tenure;
    tenure?.committer.commit(group, () => {
      if (this.#ready.size > 0 || tenure.taken.length > 0) this.#pumpSoon();
    });
  }

  #lost(tenure: Tenure): void {
    if (!tenure.held) return;
    tenure.held = false;
    this.#context.meter.leaseLosses++;
    this.#context.observe({ type: "lease-lost", worker: tenure.worker });
    this.#letGo(tenure, "lease");
    if (this.#tenure === tenure) this.#tenure = null;
    this.#wake();
  }

  #letGo(tenure: Tenure, why: "lease" | "stopped"): void {
    tenure.held = false;
    tenure.heartbeat.stop();
    for (const resident of [...this.#residents.values()]) resident.lose(why);
  }

  async #close(): Promise<void> {
    const { host } = this.#context;
    const { grace, lease } = this.#settings;
    // A store that does not answer must not keep the process up: its lease then runs out by itself.
    let giveUp: () => void = () => {};
    const overdue = new Promise<void>((resolve) => {
      giveUp = after(host, grace + lease, resolve);
    });
    if (this.#tenure !== null) await this.#handOver(this.#tenure, overdue);
    this.#tenure = null;
    await Promise.race([Promise.all(this.#endings), overdue]);
    giveUp();
  }

  async #handOver(tenure: Tenure, overdue: Promise<void>): Promise<void> {
    const { host, store } = this.#context;
    const cancelGrace = after(host, this.#settings.grace, () => {
      this.#stopping = "now";
      for (const resident of [...this.#residents.values()]) resident.waitOrRelease();
    });
    const empty = new Promise<void>((resolve) => {
      this.#empty = resolve;
      for (const resident of [...this.#residents.values()]) resident.waitOrRelease();
      if (this.#residents.size === 0) resolve();
    });
    await Promise.race([empty, overdue]);
    cancelGrace();
    if (!tenure.held) return;
    await Promise.race([tenure.outbox.settled(), overdue]);
    this.#letGo(tenure, "stopped");
    await Promise.race([store.retire(tenure.worker), overdue]).catch((error: unknown) => this.#failed("retire", error));
  }

  #failed(call: string, error: unknown): void {
    this.#context.observe({ type: "store-failed", call, error });
  }

  #persist<T>(call: string, wanted: () => boolean, attempt: () => Promise<T>): Promise<T | undefined> {
    return persist(this.#context.host, wanted, (error) => this.#failed(call, error), attempt);
  }
}

interface Tenure {
  readonly worker: WorkerId;
  held: boolean;
  readonly home: Home;
  readonly outbox: Outbox;
  readonly committer: Committer;
  /** Commits of turns taken while another commit is under way. */
  readonly taken: Submission[];
  readonly heartbeat: Heartbeat;
  readonly claims: Claims<Resident>;
}

const submission = (resident: Resident, commit: Commit): Submission => ({
  commit,
  answered: (outcome) => resident.answered(commit, outcome),
  refused: (error) => resident.refused(error),
});
