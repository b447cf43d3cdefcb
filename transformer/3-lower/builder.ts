/** Builds the blocks of one machine: what the lowering of statements and expressions writes to. */
import type { ts } from "@ts-morph/common";
import { startOf } from "../1-parse/tree.ts";
import { addExits } from "../ir/edges.ts";
import type { Block, Machine, Region, Route, Slot, Terminator } from "../ir/ir.ts";
import { type Rope, slice } from "../ir/rope.ts";

export class Builder {
  readonly machine: Machine = { blocks: [], regions: [], slots: [], jumpsInText: false };
  /** Where operations go. A block that is closed takes no more: what follows it is unreachable and is built aside. */
  current: Block;
  private handler: Block | null = null;
  private readonly sourceFile: ts.SourceFile;

  constructor(sourceFile: ts.SourceFile) {
    this.sourceFile = sourceFile;
    this.current = this.block(null);
    this.place(this.current);
  }

  /** A new block in the current region, not placed yet. */
  block(origin: ts.Node | null): Block {
    return {
      operations: [],
      end: null,
      handler: this.handler,
      pinned: false,
      savable: null,
      origin,
      resumes: false,
      leaves: [],
      label: -1,
      number: -1,
    };
  }

  /** Continues in `block`, which stands next in the text. An open block before it jumps to it. */
  place(block: Block): void {
    if (this.machine.blocks.length > 0 && this.current.end === null) this.current.end = { type: "jump", to: block };
    this.machine.blocks.push(block);
    this.current = block;
  }

  /** Ends the current block. What comes after is unreachable until a block is placed. */
  end(terminator: Terminator): void {
    if (this.current.end === null) this.current.end = terminator;
    this.current = this.block(null);
    this.machine.blocks.push(this.current);
  }

  jump(to: Block): void {
    this.end({ type: "jump", to });
  }

  evaluate(code: Rope, defines: readonly Slot[] = []): void {
    this.current.operations.push({ type: "evaluate", code, defines });
  }

  /** `name`: the identifier that the source assigns. */
  assign(slot: Slot, value: Rope, name?: ts.Node): void {
    const origin = name && slice(startOf(name, this.sourceFile), name.end);
    this.current.operations.push(origin ? { type: "assign", slot, value, origin } : { type: "assign", slot, value });
  }

  /** A slot for a variable, its cell, or what the compiler keeps. */
  slot(wanted: string, variable: string | null = null, numbered = false): Slot {
    const slot: Slot = { wanted, variable, numbered, name: "", number: -1 };
    this.machine.slots.push(slot);
    return slot;
  }

  /** Builds with another landing block for errors. Starts and ends at block boundaries, which the caller places. */
  within(handler: Block | null, build: () => void): void {
    const outer = this.handler;
    this.handler = handler;
    build();
    this.handler = outer;
  }

  /** `failed`: takes what its own code throws; without it, that is thrown further. */
  region(origin: ts.Node, iterator: Slot | null, failed: Block | null = this.handler): Region {
    const region: Region = {
      slot: this.slot("finally", null, iterator === null),
      iterator,
      entry: { ...this.block(origin), pinned: true, savable: "finally", handler: failed },
      landing: { ...this.block(origin), pinned: true, savable: "finally" },
      exits: new Set(),
    };
    this.machine.regions.push(region);
    return region;
  }

  /** Sends a completion on its way. */
  leave(route: Route, value: Rope | null, targetName: string): void {
    this.fix(route, targetName);
    this.end({ type: "leave", route, value });
  }

  /** The same inside kept text, which no terminator shows: each region on the route remembers where it may lead. */
  leaveInText(route: Route, targetName: string): void {
    this.jumpInText();
    this.fix(route, targetName);
    addExits(route);
  }

  /** Kept text jumps to a block, and no terminator shows it. */
  jumpInText(): void {
    this.machine.jumpsInText = true;
  }

  /** A completion may wait for its target in a saved frame: the target gets a stable name. */
  private fix(route: Route, targetName: string): void {
    if (!route.target) return;
    route.target.savable ??= targetName;
    route.target.pinned = true;
  }
}
