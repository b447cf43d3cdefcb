/** Why a value cannot be saved, and how to mend it: for values that no kind takes. */

const classNameOf = (value: object): string => {
  const prototype: unknown = Reflect.getPrototypeOf(value);
  if (typeof prototype !== "object" || prototype === null) return "Object";
  const constructor: unknown = Reflect.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof constructor === "function" && constructor.name ? constructor.name : "Object";
};

export function whyNot(value: object): readonly [why: string, mend: string] {
  if (typeof value === "function") {
    const name = value.name ? `function ${value.name}` : "a function";
    return [
      `${name} is ordinary code and is bound to no module binding or provided host`,
      "import it, declare it at module level, or make its file durable",
    ];
  }
  const name = classNameOf(value);
  return [
    `it is an instance of the ordinary class ${name}`,
    `register codec(${name}, { tag, encode, decode }), provide it to the engine, or make it again where it is used`,
  ];
}
