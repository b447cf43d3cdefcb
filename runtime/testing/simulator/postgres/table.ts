/** One table of the model: every version of a row that some statement may still see. */

interface Version<R> {
  readonly since: number;
  /** Undefined: deleted. */
  readonly row: R | undefined;
  readonly before: Version<R> | undefined;
}

export class Table<R> {
  readonly name: string;
  readonly #rows = new Map<string, Version<R>>();

  constructor(name: string) {
    this.name = name;
  }

  /** The newest version. */
  current(key: string): R | undefined {
    return this.#rows.get(key)?.row;
  }

  /** As of an instant. */
  at(snapshot: number, key: string): R | undefined {
    let version = this.#rows.get(key);
    while (version !== undefined && version.since > snapshot) version = version.before;
    return version?.row;
  }

  /** All rows as of an instant, in the order of their making. */
  all(snapshot: number): R[] {
    const rows: R[] = [];
    for (const key of this.#rows.keys()) {
      const row = this.at(snapshot, key);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  /** `oldest`: no statement sees what was before this instant. */
  write(now: number, oldest: number, key: string, row: R | undefined): void {
    const last = this.#rows.get(key);
    if (row === undefined && oldest >= now) this.#rows.delete(key);
    else this.#rows.set(key, { since: now, row, before: last && trimmed(last, oldest) });
  }
}

function trimmed<R>(version: Version<R>, oldest: number): Version<R> {
  if (version.since <= oldest) return version.before === undefined ? version : { ...version, before: undefined };
  return version.before === undefined ? version : { ...version, before: trimmed(version.before, oldest) };
}
