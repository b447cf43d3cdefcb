/** The call forms as they are outside a run: the plain operation each. */
import type { Member } from "./members.ts";
import type { ModuleInfo } from "./registry.ts";

type Code = (...operands: unknown[]) => unknown;

export class Calls {
  readonly info: ModuleInfo;

  constructor(info: ModuleInfo) {
    this.info = info;
  }

  call(_site: number, fn: unknown, args: readonly unknown[]): unknown {
    return (fn as Function)(...args);
  }
  method(_site: number, receiver: unknown, key: PropertyKey, args: readonly unknown[]): unknown {
    return Reflect.apply((receiver as Record<PropertyKey, Function>)[key]!, receiver, args);
  }
  invoke(_site: number, member: Member, args: readonly unknown[]): unknown {
    return Reflect.apply(member.fn as Function, member.receiver, args);
  }
  now<T>(_site: number, value: T): T {
    return value;
  }
  callNow(site: number, fn: unknown, args: readonly unknown[]): unknown {
    return this.call(site, fn, args);
  }
  methodNow(site: number, receiver: unknown, key: PropertyKey, args: readonly unknown[]): unknown {
    return this.method(site, receiver, key, args);
  }
  constructNow(_site: number, constructor: unknown, args: readonly unknown[]): unknown {
    return Reflect.construct(constructor as Function, args);
  }
  step(_site: number, code: Code, operands: readonly unknown[]): unknown {
    return code(...operands);
  }
  import(_site: number, code: Code, operands: readonly unknown[]): unknown {
    return code(...operands);
  }
  made(code: Code, operands: readonly unknown[]): unknown {
    return code(...operands);
  }
  deferred(code: Code, operands: readonly unknown[]): unknown {
    return code(...operands);
  }
}
