/**
 * A program, of which the process that drives it is held up at each of its calls while each interruption happens: what everybody sees must be what they
 * see when nobody is held up, at whatever instant the outside does its part. Most faults of concurrent programs need no more than one preemption
 * (Musuvathi and Qadeer, PLDI 2007).
 */
import { type Point, SERVICE, WHENS } from "./gate.ts";
import { INTERRUPTIONS, type Interruption } from "./interruptions.ts";
import { type Play, play, type Seen } from "./play.ts";
import type { Install, Parts, Stage } from "./stage.ts";

export interface Subject extends Pick<Parts, "program" | "leaves" | "deaf" | "mutation"> {
  readonly install: Install;
  /** A token and a timer may both be first. */
  readonly races?: boolean;
}

export interface Case {
  readonly point: Point;
  readonly interruption: Interruption;
}

export class Preempted {
  readonly #subject: Subject;
  readonly #calm: Play;
  readonly #expected = new Map<Interruption["ends"], Promise<ReadonlySet<string>>>();

  private constructor(subject: Subject, calm: Play) {
    this.#subject = subject;
    this.#calm = calm;
  }

  static async of(subject: Subject): Promise<Preempted> {
    const calm = await play(undisturbed(subject), subject.install);
    if (calm.wrong.length > 0) throw new Error(`${subject.program.name}, undisturbed: ${calm.wrong.join("\n")}`);
    return new Preempted(subject, calm);
  }

  /** Every call of the undisturbed run, held up in every way, with every interruption. */
  *cases(): Generator<Case> {
    const { calls } = this.#calm;
    // Of what makes runs, one that is held up for longer than a tombstone is kept makes them again.
    const lastMade = calls.lastIndexOf("create");
    for (const [call, name] of calls.entries()) {
      for (const when of WHENS) {
        if (name.startsWith(SERVICE) && when.endsWith("lost")) continue;
        for (const who of ["process", "call"] as const) {
          for (const interruption of INTERRUPTIONS) {
            if (interruption.alive && who === "process") continue;
            if (interruption.forgets && call <= lastMade) continue;
            yield { point: { call, when, who }, interruption };
          }
        }
      }
    }
  }

  /** What is wrong, with the trace. Null: nothing. Undefined: it was not held up, since it ended before that call. */
  async finding({ point, interruption }: Case): Promise<string | null | undefined> {
    const { install, mutation } = this.#subject;
    const { begins, resumes, forgets } = interruption;
    const parts: Parts = {
      ...undisturbed(this.#subject),
      point,
      interrupt: begins,
      ...(resumes && { patient: true }),
      ...(mutation && { mutation }),
    };
    const played = await play(parts, install);
    if (!played.stood) return undefined;
    // A register that is forgotten is none.
    const wrong = played.wrong.filter((what) => !(forgets && what.startsWith("runs are linearizable")));
    const expected = await this.#possible(interruption.ends);
    if (![...expected].some((seen) => agrees(seen, played.seen, interruption)))
      wrong.push(`seen ${played.seen}, expected ${[...expected].join(" or ")}`);
    if (wrong.length === 0) return null;
    const held = `${point.when} ${played.calls[point.call]} (call ${point.call}), the ${point.who} stands: ${interruption.name}`;
    return [held, ...wrong, ...played.trace].join("\n");
  }

  #possible(ends: Interruption["ends"]): Promise<ReadonlySet<string>> {
    const known = this.#expected.get(ends) ?? this.#seenWhenever(ends);
    this.#expected.set(ends, known);
    return known;
  }

  /** What is seen when nobody is held up, whenever the outside ends the run or resumes its token. */
  async #seenWhenever(ends: Interruption["ends"]): Promise<ReadonlySet<string>> {
    const { install, races } = this.#subject;
    const seen = new Set([this.#calm.seen]);
    const whenever = async (patient: boolean, happens: (stage: Stage) => void): Promise<void> => {
      for (let at = 0, steps = 0; at <= steps; at++) {
        // Who hears no hints sees the same later, and what is short not at all.
        const parts = { ...undisturbed(this.#subject), patient, deaf: false };
        const one = await play(parts, install, { at, happens });
        if (one.wrong.length > 0) throw new Error(`undisturbed, at event ${at}: ${one.wrong.join("\n")}`);
        seen.add(one.seen);
        steps = one.steps;
      }
    };
    if (races) await whenever(true, (stage) => stage.clients.resume());
    if (ends) await whenever(false, (stage) => stage.clients[ends]());
    if (ends && races) await whenever(true, (stage) => stage.clients[ends]());
    return seen;
  }
}

const undisturbed = ({ mutation: _, install: __, races: ___, ...parts }: Subject): Parts => parts;

function agrees(expected: string, seen: string, { forgets, ends }: Interruption): boolean {
  if (!forgets && !ends) return expected === seen;
  const [whole, left] = [expected, seen].map((text) => JSON.parse(text) as Seen) as [Seen, Seen];
  if (ends) {
    // What was pending when that came may not have been called, if whoever was to call it stood; and children have come as far as they have.
    return whole.told.join() === left.told.join() && whole.waitedFor === left.waitedFor;
  }
  const told = left.told.filter((text) => !text.includes("PD2504"));
  return whole.called.join() === left.called.join() && told.every((text) => whole.told.includes(text));
}
