import { describe, it } from "vitest";
import { same } from "./differential.ts";

const order = `
class Base { async total() { return await tick(10); } get kind() { return "base"; } static async make() { return [this.name, await tick(1)]; } twice(n) { return n * 2; } }
class Order extends Base {
  #paid = 0; items = []; static count = 0; readonly tag: string;
  constructor(private name: string, ...items) { super(); this.items = items; this.tag = "t" + name; Order.count++; }
  async pay(n) { this.#paid += await tick(n); return this.#paid; }
  async #secret(x) { await tick(x); return this.#paid + x; }
  async reveal() { return await this.#secret(1) + (await this.#secret(2)); }
  async total() { const base = await super.total(); return base + (await super.total()) + this.items.length; }
  async viaArrow() { const f = async () => await super.total() + super.twice(2); return [await f(), super.kind, super["kind"], this.kind]; }
  get kind() { return "order"; }
  static async make(...a) { return [await super.make(), new this("n", ...a).items]; }
  later() { return [1, 2].map((n) => n + this.#paid); }
  laterAsync() { return Promise.all([1, 2].map(async (n) => { await tick(n); return n + this.#paid; })); }
  async compare(o) { await tick(0); return #paid in o && o.#paid === this.#paid; }
}
`;

const cases: Record<string, Record<string, string>> = {
  "of the module": {
    "private fields": `${order} export async function main() { const o = new Order("a", 1, 2); log(await o.pay(3), await o.pay(4)); log(o.items, o.tag, Order.count); }`,
    "private methods": `${order} export async function main() { const o = new Order("a"); await o.pay(5); log(await o.reveal(), await o.compare(new Order("b")), await o.compare({})); }`,
    super: `${order} export async function main() { const o = new Order("a", 1); log(await o.total(), await o.viaArrow()); log(await Order.make(7)); }`,
    "closures in methods": `${order} export async function main() { const o = new Order("a"); await o.pay(1); log(o.later(), await o.laterAsync()); }`,
    "names and lengths": `${order} export async function main() { await tick(0); log(Order.name, Order.length, Order.prototype.pay, Order.make.name, Object.getOwnPropertyNames(Order.prototype)); try { new (Order.prototype.pay as any)(); } catch (e) { log(e.name); } }`,
    "fields with closures": `class C { n = 1; f = () => this.n++; g = async () => { await tick(0); return this.n; }; static s = () => this.name; } export async function main() { const c = new C(); c.f(); log(await c.g(), C.s()); }`,
    "static blocks": `class C { static n = 1; static { C.n += 1; let x = 5; C.f = () => x++; } static f; } export async function main() { await tick(0); log(C.n, C.f && C.f()); }`,
    "super assignment": `class A { set x(v) { log("set", v, this instanceof B); } get x() { return 1; } } class B extends A { async m() { super.x = await tick(2); super["x"] = super.x + await tick(3); const f = () => { super.x = 9; }; f(); } } export async function main() { await new B().m(); }`,
    "accessors and computed members": `const k = "dyn"; class C { async [k](x) { return await tick(x); } get [k + 2]() { return 2; } async "quoted name"() { return await tick(3); } async 42() { return 42; } } export async function main() { const c: any = new C(); log(await c.dyn(1), c.dyn2, await c["quoted name"](), await c[42]()); }`,
    "class expressions": `const C = class Inner { async m() { await tick(0); return Inner === C; } }; export const D = class { async m() { return await tick(1); } }; export async function main() { log(await new C().m(), C.name, D.name, await new D().m()); }`,
    "default export": `export default class { async m() { return await tick(1); } } export async function main() { log(await tick(2)); }`,
    "inner name after reassignment": `let C: any = class K { async m() { await tick(0); return K.name; } }; const E = C; C = null; export async function main() { log(await new E().m()); }`,
    "methods called with this": `class C { n = 1; async m(a) { return this.n + a + await tick(0); } } export async function main() { const c = new C(); const m = c.m; log(await m.call({ n: 5 }, 1)); try { await m(1); } catch (e) { log(e.name); } }`,
    "defaults in parameters of methods": `class C { d = 4; async m(a = this.d, { b } = { b: a }) { return [a, b, await tick(0)]; } } export async function main() { log(await new C().m(), await new C().m(1), new C().m.length); }`,
  },
  "in a function": {
    "captures variables":
      "let n = 1; class C { x = n++; m() { return n; } static s = n; async am() { n += await tick(5); return n; } } const c = new C(); log(c.x, c.m(), C.s, await c.am(), n);",
    "used after an await": "class C { m() { return 'm'; } } await tick(0); log(new C().m(), C.name);",
    "heritage and keys with awaits":
      "class A { base() { return 'base'; } } class C extends (await tick(A)) { [await tick('k')]() { return 'k'; } static [seen('s')] = await_(); } function await_() { return 1; } const c = new C(); log(c.base(), c.k(), C.s);",
    "heritage and keys in order":
      "const C = class extends seen(Object) { [seen('a')] = 1; static [seen('b')] = seen(2); [seen('c')]() {} }; await tick(0); log(new C().a, C.b, C.name);",
    "private fields without machines":
      "class C { #x = 1; get() { return this.#x; } inc() { this.#x++; return this; } } const c = new C(); await tick(0); log(c.inc().get());",
    "refers to itself":
      "class C { static made = 0; clone() { C.made++; return new C(); } async later() { await tick(0); return C; } } const c = new C().clone(); log(C.made, await c.later() === C);",
    "each definition is a class of its own":
      "const make = (n) => class { v() { return n; } }; const A = make(1), B = make(2); await tick(0); log(new A().v(), new B().v(), A !== B, A.name);",
    "super in sync methods":
      "class A { m() { return 'a'; } } class B extends A { m() { return super.m() + 'b'; } get g() { return super.m(); } } await tick(0); log(new B().m(), new B().g);",
    "constructors with captured parameters":
      "class C { constructor(x) { this.f = () => x++; } } const c = new C(3); await tick(0); log(c.f(), c.f());",
    "static block and this":
      "let log2 = []; class C { static { log2.push(this.name); } f = this.constructor.name; } await tick(0); log(log2, new C().f);",
    "in a loop":
      "const cs = []; for (let i = 0; i < 2; i++) { class K { v() { return i; } } cs.push(K); await tick(i); } log(cs.map((C) => new C().v()));",
  },
  "object literals": {
    "async methods and this":
      "const o = { n: 2, async m(a) { return this.n * await tick(a); }, async [`c${1}`]() { return await tick(this.n); } }; log(await o.m(3), await o.c1());",
    "methods capture":
      "let n = 0; const o = { inc() { return ++n; }, async later() { await tick(0); return ++n; } }; log(o.inc(), await o.later(), n);",
    "accessors capture":
      "let n = 0; const o = { a: 1, get x() { return n; }, b: 2, set x(v) { n = v + this.a; } }; await tick(0); o.x = 5; log(o.x, n, Object.keys(o));",
  },
};

for (const [group, snippets] of Object.entries(cases)) {
  describe(group, () => {
    it.each(Object.entries(snippets))("%s", async (_, snippet) => {
      await same(snippet);
    });
  });
}
