/** A class as the compiler writes it: private fields that the registry may read, and a constructor that a revival passes by. */
import * as $ from "perdure/emitted";
import { $m } from "./blocks.ts";

export class Wallet {
  static {
    $m.class(Wallet, "Wallet", {
      get: (o: any) => [o.#cents, o.#log],
      set: (o: any, v) => ([o.#cents, o.#log] = v as any),
      has: (o) => #cents in o,
    });
  }
  static made = 0;
  #cents = $.reviving() ? (undefined as never) : 0;
  #log = $.reviving() ? (undefined as never) : [Wallet.made++];
  owner!: string;
  constructor(owner: string) {
    if ($.reviving()) return;
    this.owner = owner;
  }
  spend(n: number) {
    this.#cents -= n;
    this.#log.push(n);
    return this.#cents;
  }
  get log() {
    return this.#log;
  }
}
