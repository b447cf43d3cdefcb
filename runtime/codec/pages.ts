/** The pages of the codes in `messages.ts`. Nothing imports them at run time: `npm run generate` prints them to `docs/errors`. */
import type { MessagePages } from "../errors.ts";

export const pages = {
  PD4001: `A run is saved at the end of every turn with everything it can still reach: variables that are read later, what closures
have captured, the arguments of pending steps. This value is reachable there, and nothing can rebuild it in another process.

Keep what it was made from instead, and make it again where it is used:

    const socket = connect(host);            // before: alive across the await below
    await sleep("1 hour");
    socket.write(text);

    await sleep("1 hour");
    await step(() => send(host, text));      // after: the connection lives inside one step

A host (a client, a pool) is given to the engine with \`createEngine({ provide: { mailer } })\` or bound at module level: then it is saved by
its name. An instance of an ordinary class is saved when its text shows that its own properties are its whole state, or when one line says so:
\`createEngine({ codecs: [codec(Decimal)] })\`. What is saved how, value by value: [What can be saved](../saving.md).

A codec, the directive in the file of the class, or \`provide\` lets a run that is blocked go on. An edit of the function in which it stands mends the runs that are started from then
on: the blocked one stands in the old text ([deploying](../deploying.md)).`,
  PD4002: `A run is meant to hold what is left to do, not the data it works on. The limits protect the store, and every worker that must load the run.`,
  PD4010: `The bytes in the store are not what a save has written: they were cut off, changed by something else, or belong to another run. Nothing
of the run was executed and nothing was overwritten.`,
  PD4011: `Every segment carries the version of its format. A worker does not guess: it leaves a run that it cannot read to a worker that can.`,
  PD4012: `Module bindings, provided hosts and globals are saved by name and found again when the run is loaded. This name has been
renamed or removed since, or the host was not given to \`createEngine({ provide })\` in this process.`,
  PD4013: `Objects of an ordinary class are saved by the codec that was registered for it, under the codec's tag. The process that loads the run needs the same codec.`,
  PD4015: `\`codec(Class)\` says that the own properties of an instance are its whole state. The text of this class, or of one that it extends, shows that
they are not: private names (\`#field\`) can only be read and written by the class itself, and the entries of a Map or the moment of a Date are in no property. They would be lost.

    codec(Money)                                          // before
    codec(Money, { tag: "money",                          // after
      encode: (money) => money.toJSON(),
      decode: (data) => new Money(data) })`,
  PD4016: `Saved instances are found again by the tag of their codec, so it belongs to one class alone. Without a tag of its own, \`codec(Class)\` takes the name of the class;
two classes of one name, from two packages or of a minified build, need tags.`,
  PD4020: `A step works on its own copy of its arguments. When it settles, each property that it changed is applied to the run's object, unless
the run (or another step) has changed that property since the step was called: then there are two values and no rule which one should win. Two equal values are one, unless they are counts or
have grown: a number, a text or a list that both have made longer.

    await fillTax(order);                    // before: changes order.tax in flight, as other code does
    order.tax = await taxFor(order);         // after: the change has one place and one order`,
  PD4014: `The \`encode\` or \`decode\` of a codec threw, or gave something of another class. A codec must be total: whatever instance of its class exists can be encoded, and whatever was encoded can be decoded.`,
} as const satisfies MessagePages;
