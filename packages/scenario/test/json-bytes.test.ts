import fc from "fast-check";
import { expect, test } from "vitest";
import { BytePieces } from "../src/byte-pieces.ts";
import { JsonBytes } from "../src/json-bytes.ts";

/** What is written, and in how many pieces. */
function written(write: (out: BytePieces) => void): { text: string; pieces: number } {
  const pieces: Buffer[] = [];
  // The bytes are written over later.
  const out = new BytePieces((bytes) => pieces.push(Buffer.from(bytes)));
  write(out);
  out.flush();
  return { text: Buffer.concat(pieces).toString(), pieces: pieces.length };
}

test("property: data is written as JSON.stringify prints it, the same writer twice", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary" }), fc.nat(4), (value, columns) => {
      const json = JSON.stringify(value, undefined, 2).replaceAll("\n", `\n${" ".repeat(columns)}`);
      const { text } = written((out) => {
        const writer = new JsonBytes(out);
        writer.write(value, columns);
        writer.write(value, columns);
      });
      expect(text).toBe(json + json);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("what JSON leaves out or has no number for is as there", () => {
  const value = {
    a: undefined,
    b: [Number.NaN, undefined, -0, -1.5, 1e21],
    c: new Date(0),
    d: {},
    e: { f: undefined },
  };
  expect(written((out) => new JsonBytes(out).write(value, 0)).text).toBe(JSON.stringify(value, undefined, 2));
});

test("long texts go on in pieces, at whole characters", () => {
  const text = "é€𝄞".repeat(100_000);
  const { text: whole, pieces } = written((out) => {
    out.text("a");
    out.text(text);
  });
  expect(whole).toBe(`a${text}`);
  expect(pieces).toBeGreaterThan(2);
});

test("property: numbers are as they print, where one piece ends and the next begins too", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.maxSafeNat(), fc.nat(12), fc.double()), { maxLength: 50 }), (numbers) => {
      const filler = "x".repeat((1 << 18) - 20);
      const { text } = written((out) => {
        out.text(filler);
        for (const number of numbers) out.number(number);
      });
      expect(text).toBe(filler + numbers.join(""));
    }),
    { seed: 2, numRuns: 100 },
  );
});
