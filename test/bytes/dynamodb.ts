/** The items of the DynamoDB store, with attributes that no store wrote, over the simulator's model of the table. */
import { open } from "perdure/internal/store/dynamodb/index";
import type { Item } from "perdure/internal/testing/simulator/dynamodb/conditions";
import { type Request, TableModel } from "perdure/internal/testing/simulator/dynamodb/table-model";
import { type Chance, mutatedText, NUMBERS } from "./mutate.ts";
import { furnish, interrogate, type Tally } from "./trial.ts";

/** Commands that carry their name and input, and nothing else. */
const sdk = new Proxy(
  {},
  {
    get: (_, command: string | symbol) =>
      command === "then"
        ? undefined
        : class {
            readonly name = String(command).replace(/Command$/, "");
            readonly input: object;
            constructor(input: object) {
              this.input = input;
            }
          },
  },
);

/** Requests of one call: a store that never ends would make any number of them. */
const PATIENCE = 20_000;

export function world() {
  const items = new Map<string, Item>();
  let now = 0;
  let requests = 0;
  const nameOf = (of: Item): string => `${of["pk"]!.S}\n${of["sk"]!.S}`;
  const table = new TableModel({
    now: () => now,
    lag: () => 0,
    wrote: (after) => void items.set(nameOf(after), after),
  });
  const send = async (request: Request): Promise<object> => {
    if (++requests > PATIENCE) throw Object.assign(new Error("it never ends"), { name: "Endless" });
    return table.apply(request);
  };
  const put = (made: Item): void => void table.apply({ name: "PutItem", input: { Item: made } });
  put({ pk: { S: "meta" }, sk: { S: "table" }, version: { N: "1" }, shards: { N: "2" }, slots: { N: "4" } });
  return {
    items,
    put,
    remove: (pk: string, sk: string) => table.remove(pk, sk),
    endless: () => requests > PATIENCE,
    open: () =>
      open(
        { table: "t", client: { send: send as never } },
        {
          now: () => now,
          monotonic: () => (now += 1),
          patience: { pause: async (ms) => void (now += ms), random: () => 1 },
          sdk: async () => sdk as never,
        },
      ),
  };
}

type Attribute = Item[string];

function mutatedAttribute(chance: Chance, value: Attribute | undefined): Attribute {
  if (value?.S !== undefined && chance.below(3) > 0) return { S: mutatedText(chance, value.S) };
  if (value?.N !== undefined && chance.below(3) > 0) return { N: String(chance.of(NUMBERS)) };
  return chance.of<Attribute>([
    { S: "__proto__" },
    { S: "" },
    { N: "1e125" },
    { N: "-1" },
    { N: "NaN" },
    { L: [] } as unknown as Attribute,
    { M: {} } as unknown as Attribute,
    {} as Attribute,
  ]);
}

export async function fuzzDynamoDB(chance: (n: number) => Chance, count: number, tally: Tally): Promise<void> {
  for (let n = 0; n < count; n++) {
    const dice = chance(n);
    const table = world();
    const leases = await furnish(table.open());
    const chosen = dice.of([...table.items.values()]);
    // The items' keys are theirs: what stands under another key is another item.
    const names = Object.keys(chosen).filter((name) => name !== "pk" && name !== "sk");
    const name = names.length === 0 ? "extra" : dice.of(names);
    const [pk, sk] = [chosen["pk"]!.S!, chosen["sk"]!.S!];
    const changed: Record<string, Attribute> = { ...chosen };
    const how = dice.below(10);
    if (how === 0) table.remove(pk, sk);
    else if (how === 1) delete changed[name];
    else changed[name] = mutatedAttribute(dice, chosen[name]);
    if (how > 0) table.put(changed);
    const what = `${pk} ${sk} ${how === 0 ? "removed" : `${name} = ${JSON.stringify(changed[name])?.slice(0, 120)}`}`;
    try {
      await interrogate(table.open(), leases, tally);
      if (table.endless()) throw new Error("a call makes requests without end");
    } catch (cause) {
      throw new Error(`dynamodb, mutation ${n}: ${what}`, { cause });
    }
  }
}
