import { anything, flag, type Wanted, wholeNumber } from "../../options/check.ts";

/** What can be set on a Postgres store. */
export interface PostgresOptions {
  /** The schema that holds the tables; stores in different schemas of one database have nothing in common. Default `perdure`. */
  readonly schema?: string;
  /**
   * Connections of the pool that the store makes from a connection string. Default 4. A given pool keeps its own size. Two of them are kept from `transaction()`,
   * for LISTEN and for everything else: so many less two run at once, at least one. With one connection there is no LISTEN.
   */
  readonly connections?: number;
  /**
   * Make the tables, or bring them to this version, when the store is first used. Default true. False: the store refuses a schema
   * that is not up to date (PD3207), and somebody with the right to do so runs what {@link postgresSchema} prints.
   */
  readonly migrate?: boolean;
  /** Use named prepared statements. Default true. Set it to false behind a proxy that shares sessions between clients. */
  readonly prepare?: boolean;
  /**
   * Tell other processes of due runs with NOTIFY, and LISTEN for what they tell. Default true. False costs time only: everything is
   * found at the next poll. LISTEN keeps one connection for itself while a worker works or a result is waited for.
   */
  readonly notify?: boolean;
}

export const POSTGRES_OPTIONS: { readonly [option in keyof PostgresOptions]-?: Wanted } = {
  // A name of another form is PD3205.
  schema: anything,
  connections: wholeNumber(1),
  migrate: flag,
  prepare: flag,
  notify: flag,
};

/** Name of a schema that needs no quoting rules to be understood: letters, digits, underscore. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/;

export const isSchemaName = (name: string): boolean => NAME.test(name);
