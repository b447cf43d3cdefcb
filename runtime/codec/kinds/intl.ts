/**
 * Formatters, collators and the like of ECMA-402: each is made again from its locale and its resolved options, and saved only when that gives the same
 * resolved options. What the locale's data say belongs to the process, as natively it does to the release of the platform.
 */
import type { Decoder, Encoder, Json, Kind } from "../contract.ts";
import { isJsonObject } from "../json.ts";

interface Formatter {
  resolvedOptions(): Record<string, unknown>;
}
type FormatterClass = { new (locale: string, options: object): Formatter; readonly prototype: Formatter };

const NAMES = ["Collator", "DateTimeFormat", "DisplayNames", "DurationFormat", "ListFormat", "NumberFormat"].concat(
  "PluralRules",
  "RelativeTimeFormat",
  "Segmenter",
);

const isData = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";

/** What the constructor takes of them. A cycle of hours says more than whether it has twelve. */
function optionsOf(formatter: Formatter): Record<string, string | number | boolean> {
  const { locale: _, hour12, ...resolved } = formatter.resolvedOptions();
  const options = resolved.hourCycle === undefined ? { ...resolved, hour12 } : resolved;
  return Object.fromEntries(Object.entries(options).filter((entry): entry is [string, string] => isData(entry[1])));
}

const localeOf = (formatter: Formatter) => String(formatter.resolvedOptions().locale);

/** In several months, before and after noon. */
const SAMPLES = [0, 951_782_400_000, 1_000_000_000_000, 1_703_979_000_123];

const looks = (formatter: Formatter): string =>
  formatter instanceof Intl.DateTimeFormat ? JSON.stringify(SAMPLES.map((time) => formatter.formatToParts(time))) : "";

/** The resolved options of a date tell what its pattern shows, which need not be what was asked for: `9月` shows a month `long` as a number. */
function candidatesOf(formatter: Formatter): readonly object[] {
  const options = optionsOf(formatter);
  return options.month === undefined
    ? [options]
    : [options, ...["long", "short", "narrow", "2-digit"].map((month) => ({ ...options, month }))];
}

/** `[locale, options]` */
function formatterKind(name: string, of: FormatterClass): Kind<Formatter> {
  /** Those that were found to be what their options say. */
  const known = new WeakMap<Formatter, Json>();
  const { resolvedOptions } = of.prototype;
  const describe = (formatter: Formatter): Json => [localeOf(formatter), optionsOf(formatter)];
  return {
    tag: `I${name}`,
    test(value): value is Formatter {
      if (Reflect.getPrototypeOf(value) !== of.prototype) return false;
      try {
        resolvedOptions.call(value as Formatter);
        return true;
      } catch {
        return false;
      }
    },
    encode(formatter, encoder: Encoder): Json {
      let payload = known.get(formatter);
      if (payload === undefined) {
        const locale = localeOf(formatter);
        const options = candidatesOf(formatter).find((one) => {
          const again = new of(locale, one);
          return (
            JSON.stringify(describe(again)) === JSON.stringify(describe(formatter)) && looks(again) === looks(formatter)
          );
        });
        if (options === undefined) encoder.refuse(`an Intl.${name} like it cannot be made from its resolvedOptions()`);
        payload = [locale, options as Json];
        known.set(formatter, payload);
      }
      return payload;
    },
    create(payload, decoder: Decoder) {
      const [locale, options] = Array.isArray(payload) ? (payload as readonly Json[]) : [];
      if (typeof locale !== "string" || !isJsonObject(options))
        return decoder.corrupt(`an Intl.${name} has no known form`);
      try {
        return new of(locale, options);
      } catch (why) {
        return decoder.corrupt(`an Intl.${name} cannot be made here: ${String(why)}`);
      }
    },
    fill: () => {},
  };
}

/** The tag of the locale, with its extensions. */
function localeKind(of: typeof Intl.Locale): Kind<Intl.Locale> {
  const { toString } = of.prototype;
  return {
    tag: "ILocale",
    test: (value): value is Intl.Locale => Reflect.getPrototypeOf(value) === of.prototype && value !== of.prototype,
    encode: (locale) => toString.call(locale),
    create(payload, decoder: Decoder) {
      try {
        return new of(payload as string);
      } catch {
        return decoder.corrupt("an Intl.Locale has no known form");
      }
    },
    fill: () => {},
  };
}

export function intlKinds(): readonly Kind[] {
  if (typeof Intl !== "object") return [];
  const kinds = NAMES.flatMap((name) => {
    const of = Reflect.get(Intl, name) as FormatterClass | undefined;
    return of === undefined ? [] : [formatterKind(name, of)];
  });
  return [...kinds, localeKind(Intl.Locale)] as unknown as readonly Kind[];
}
