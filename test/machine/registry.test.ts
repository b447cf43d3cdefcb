/** Codes and their versions: what may stand side by side, what is replaced, what is refused. */
import type { ModuleMeta } from "perdure/abi";
import * as $ from "perdure/emitted";
import { currentCode, findCode, linkedCodes } from "perdure/internal/machine/registry";
import { decodeOutcome } from "perdure/internal/machine/values";
import { Vat } from "perdure/internal/machine/vat";
import { describe, expect, it } from "vitest";
import { makeHost, makeVat } from "./host.ts";

const meta = (file: string, fingerprint: string, more: Partial<ModuleMeta> = {}): ModuleMeta => ({
  abi: 1,
  file,
  fingerprints: { main: fingerprint },
  sites: [],
  ...more,
});

/** A module whose `main` waits once and then gives its version. */
function load(name: string, fingerprint: string, more: Partial<ModuleMeta> = {}) {
  const $m = $.module(name, meta(name, fingerprint, more));
  const main$ = $m.machine(
    "main",
    { name: "main", at: [1, 1], live: { w: [] }, points: { w: [2, 1] }, handlers: {} },
    (f) => (f.pc === 0 ? $.await(f, "w", null) : $.return(f, fingerprint)),
  );
  return $m.define(function main() {
    return main$.enter({});
  }, "main");
}

const finish = (vat: Vat) => {
  vat.turn();
  return decodeOutcome(vat.outcome()!);
};

describe("the registry", () => {
  it("takes the same text twice, and refuses other text under the same name", () => {
    load("twice.ts", "1");
    load("twice.ts", "1");
    expect(() => load("twice.ts", "2")).toThrow(/PD2001: twice\.ts#main is defined twice/);
  });

  it("refuses another module under the same name, whatever functions it has", () => {
    load("src/a.ts", "1", { package: "app" });
    load("src/a.ts", "1", { package: "app" });
    expect(() => load("src/a.ts", "1", { package: "@acme/mail" })).toThrow(
      /PD2006: two durable modules are named src\/a\.ts: one of app, and one of @acme\/mail\n {2}fix: .*--root/,
    );
    expect(() => load("src/a.ts", "1")).toThrow("one of app, and one of a package without a name");
    const others = { package: "app", fingerprints: { other: "1" } };
    expect(() => $.module("src/a.ts", meta("src/a.ts", "1", others))).toThrow("PD2001: src/a.ts#main is defined twice");
    $.module("src/a.ts", meta("src/a.ts", "1", { ...others, archived: true }));
    $.module("src/a.ts", meta("src/a.ts", "1", { ...others, watch: true }));
    expect(currentCode("src/a.ts#main")?.fingerprint).toBe("1");
  });

  it("lets a watcher replace a module", () => {
    load("watched.ts", "1", { watch: true });
    const second = load("watched.ts", "2", { watch: true });
    expect(currentCode("watched.ts#main")?.fingerprint).toBe("2");
    expect(currentCode("watched.ts#main")?.instance).toBe(second);
  });

  it("keeps archived versions beside the current one: a frame continues on the code that made it", () => {
    const host = makeHost();
    const first = load("versions.ts", "1", { watch: true });
    const old = makeVat(first, [], host);
    old.runOneJob();
    const saved = old.save("base");
    expect(saved.codes).toContain("versions.ts#main@1");
    load("versions.ts", "1", { archived: true });
    const second = load("versions.ts", "2", { watch: true });
    load("versions.ts", "3", { archived: true });
    expect(currentCode("versions.ts#main")?.fingerprint).toBe("2");
    expect(findCode("versions.ts#main", "3")).toBeDefined();
    const segments = [saved];
    expect(finish(Vat.load(host, { run: old.run, incarnation: old.incarnation, segments }))).toMatchObject({
      value: "1",
    });
    expect(finish(makeVat(second))).toMatchObject({ value: "2" });
  });

  it("refuses a frame whose code is not linked, and modules of another ABI", () => {
    const host = makeHost();
    const vat = makeVat(load("gone.ts", "1"), [], host);
    vat.runOneJob();
    const { text } = vat.save("base");
    // As another process would see it: the same run, saved by code that this one does not link.
    const body = text.slice(text.indexOf('"body":') + 7, -1).replaceAll('"gone.ts#main@1"', '"gone.ts#main@0"');
    let hash = 0x811c9dc5;
    for (let i = 0; i < body.length; i++) hash = Math.imul(hash ^ body.charCodeAt(i), 0x01000193);
    const other = `{"perdure":2,"checksum":"${(hash >>> 0).toString(16).padStart(8, "0")}","body":${body}}`;
    expect(() => Vat.load(host, { run: vat.run, incarnation: vat.incarnation, segments: [{ text: other }] })).toThrow(
      /PD2401.*gone\.ts#main@0/,
    );
    expect(() => $.module("x.ts", meta("x.ts", "1", { abi: 99 }))).toThrow(/PD2002/);
    expect(() =>
      $.module("y.ts", meta("y.ts", "1")).code("other", { name: "other", at: [1, 1] }, () => () => 1),
    ).toThrow(/PD2003/);
  });

  it("lists every code of a module as linked, also those in classes that are made later", () => {
    $.module("listed.ts", { ...meta("listed.ts", "1"), fingerprints: { "main/Box.open": "7" } });
    expect(linkedCodes().has("listed.ts#main/Box.open@7")).toBe(true);
  });
});
