/** What an oracle has to say against a history. */
export interface Verdict {
  readonly guarantee: string;
  readonly what: string;
}
