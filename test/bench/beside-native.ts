/** Programs in several forms, each beside its native one. */
import { cpu, sideBySide } from "./figure.ts";
import { type Form, inForms } from "./lowered.ts";

export interface BesideNative<F extends Form> {
  /** Processor time over that of the native form: the geometric mean, so that no program weighs more because it runs longer. */
  readonly ratios: Readonly<Record<F, number>>;
  /** The same of ours, by program. */
  readonly programs: Readonly<Record<string, number>>;
  /** Milliseconds of processor time that all of ours take together. */
  readonly milliseconds: number;
}

/** `calls`: what each of the programs of the file is called with, so that natively they take about as long as each other. */
export async function besideNative<F extends Form>(
  file: string,
  calls: Readonly<Record<string, number>>,
  lowered: readonly F[],
): Promise<BesideNative<F | "ours">> {
  const names = ["native", "ours", ...lowered] as const;
  const forms = await inForms<Form>(file, names);
  const ratios: Partial<Record<Form, number>> = {};
  const programs: Record<string, number> = {};
  let milliseconds = 0;
  for (const [program, count] of Object.entries(calls)) {
    const expected = await forms.native[program]!(count);
    const side = (form: Form) => async () => {
      let result = 0;
      const time = await cpu(async () => (result = await forms[form][program]!(count)));
      if (result !== expected) throw new Error(`${form} ${program}: ${result}, not ${expected}`);
      return time;
    };
    const sides = Object.fromEntries(names.map((form) => [form, side(form)])) as Record<Form, () => Promise<number>>;
    const times = await sideBySide(11, sides);
    milliseconds += times.ours;
    programs[program] = times.ours / times.native;
    for (const form of names)
      ratios[form] = (ratios[form] ?? 1) * (times[form] / times.native) ** (1 / Object.keys(calls).length);
  }
  return { ratios: ratios as Record<F | "ours", number>, programs, milliseconds };
}
