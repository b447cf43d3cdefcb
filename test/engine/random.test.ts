/** Random bytes of the platform's host: many draws are one call of the platform. */
import { platformHost } from "perdure/internal/engine/platform-host";
import { expect, test } from "vitest";

const text = (bytes: Uint8Array): string => bytes.join();

test("no bytes are given twice, whatever sizes are asked for", () => {
  const host = platformHost();
  const given = Array.from({ length: 3000 }, (_, n) => host.random(16 + (n % 7)));
  expect(given.map(({ length }) => length)).toEqual(given.map((_, n) => 16 + (n % 7)));
  expect(new Set(given.map((bytes) => text(bytes.subarray(0, 16)))).size).toBe(given.length);
  expect(given.every((bytes) => bytes.some((byte) => byte !== 0))).toBe(true);
});

test("what was given belongs to who asked", () => {
  const host = platformHost();
  const first = host.random(32);
  const before = text(first);
  expect(first.buffer.byteLength).toBe(32);
  host.random(32).fill(7);
  for (let n = 0; n < 300; n++) host.random(32);
  expect(text(first)).toBe(before);
});

test("more than the platform is asked for at once, and nothing", () => {
  const host = platformHost();
  const many = host.random(10_000);
  expect(many.length).toBe(10_000);
  expect(new Set(many).size).toBe(256);
  expect(host.random(0).length).toBe(0);
  expect(new Set(host.random(4096)).size).toBe(256);
});
