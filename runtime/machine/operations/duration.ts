/** Durations as `sleep`, `step` and `retry` take them: milliseconds, `"3 days"`, or an instant. */
import { error } from "./messages.ts";

/** Milliseconds, or a number with a unit: `"250ms"`, `"30s"`, `"5 min"`, `"1h"`, `"3 days"`, `"2 weeks"`, `"1h 30m"`. */
export type Duration = number | string;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** Months and years are left out: they have no fixed length, and a `Date` says what is meant. */
const UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ms: 1,
    msec: 1,
    msecs: 1,
    millisecond: 1,
    milliseconds: 1,
    s: SECOND,
    sec: SECOND,
    secs: SECOND,
    second: SECOND,
    seconds: SECOND,
    m: MINUTE,
    min: MINUTE,
    mins: MINUTE,
    minute: MINUTE,
    minutes: MINUTE,
    h: HOUR,
    hr: HOUR,
    hrs: HOUR,
    hour: HOUR,
    hours: HOUR,
    d: DAY,
    day: DAY,
    days: DAY,
    w: WEEK,
    week: WEEK,
    weeks: WEEK,
  }),
);

const PART = /\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*,?/giy;

/** The last instant that a `Date` can hold (ECMA-262 21.4.1.1): nothing is due later than that. */
export const LAST_INSTANT = 8.64e15;

/** Milliseconds of a duration. Throws PD2204 for text that is no duration, NaN, infinity and negative numbers. */
export function milliseconds(duration: Duration): number {
  if (typeof duration === "number") {
    if (!(duration >= 0 && duration <= LAST_INSTANT)) throw error("PD2204", { value: String(duration) });
    return Math.trunc(duration);
  }
  if (typeof duration !== "string") throw error("PD2204", { value: String(duration) });
  const text = duration.trim();
  let total = 0;
  PART.lastIndex = 0;
  for (let end = 0; end < text.length; end = PART.lastIndex) {
    PART.lastIndex = end;
    const part = PART.exec(text);
    const unit = part === null ? undefined : UNITS.get(part[2]!.toLowerCase());
    if (part === null || unit === undefined) throw error("PD2204", { value: JSON.stringify(duration) });
    total += Number(part[1]) * unit;
  }
  if (text === "" || total > LAST_INSTANT) throw error("PD2204", { value: JSON.stringify(duration) });
  return Math.round(total);
}

/**
 * The instant that is `duration` after `now`, or the instant that a `Date` names. At least one millisecond off, as with the platform's
 * timers: a sleep of nothing comes after what was due before it.
 */
export function instant(when: Duration | Date, now: number): number {
  const at = when instanceof Date ? when.getTime() : now + milliseconds(when);
  if (Number.isNaN(at)) throw error("PD2204", { value: "Invalid Date" });
  return Math.min(Math.max(at, now + 1), LAST_INSTANT);
}
