import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bucketOf } from "../src/json/hash.ts";
import { printDouble, printJson } from "../src/json/print.ts";
import { type JsonLimits, JsonStream } from "../src/json/stream.ts";
import { encodeUtf8 } from "../src/json/utf8.ts";
import { JsonDouble, JsonObject, type JsonValue } from "../src/json/value.ts";

/** All messages out of pieces, printed; an error as its text. */
function messages(pieces: readonly (string | Uint8Array)[], limits?: JsonLimits): string[] {
  const stream = new JsonStream(limits);
  return pieces.flatMap((piece) => {
    const bytes = typeof piece === "string" ? encodeUtf8(piece) : piece;
    const found: string[] = [];
    for (let at = 0; at < bytes.length;) {
      const { next, message } = stream.read(bytes, at);
      if (message !== undefined) found.push(message.ok ? printJson(message.value) : message.error);
      at = next;
    }
    return found;
  });
}

const jsonText = fc.json({ maxDepth: 4, stringUnit: "grapheme" });

describe("a stream of JSON", () => {
  test("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const [printed] = messages([`[${text}]`]);
        // QEMU refuses noncharacters and a key that comes twice.
        fc.pre(!/not a valid Unicode|invalid UTF-8|duplicate key/.test(printed ?? ""));
        // Through stringify, for the integer -0, which is 0 in C.
        expect(JSON.parse(printed ?? "")).toEqual(JSON.parse(JSON.stringify(JSON.parse(`[${text}]`))));
      }),
      { numRuns: 500 },
    );
  });

  test("does not care how its bytes are cut", () => {
    const part = fc.oneof(
      jsonText,
      fc.constantFrom("{", "}", "[", "]", ":", ",", '"', "'", "\\", "\n", " ", "nul", "1.", "@", "-"),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.array(fc.nat(40)), (parts, cuts) => {
        const bytes = encodeUtf8(parts.join(""));
        const pieces: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) pieces.push(bytes.subarray(at, (at += cut)));
        pieces.push(bytes.subarray(at));
        expect(messages(pieces)).toEqual(messages([bytes]));
      }),
      { numRuns: 1000 },
    );
  });

  test("takes any bytes and still reads the next object after FF and a newline", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        expect(messages([garbage, Uint8Array.of(0xff, 0x0a), '{"a": 1}']).at(-1)).toBe('{"a": 1}');
      }),
      { numRuns: 2000 },
    );
  });

  test("gives back its room after a large message", () => {
    const stream = new JsonStream();
    const bytes = encodeUtf8(`"${"x".repeat(1_000_000)}`);
    stream.read(bytes, 0);
    expect(stream.heldBytes).toBeGreaterThan(1_000_000);
    stream.read(encodeUtf8('"'), 0);
    expect(stream.heldBytes).toBe(4096);
  });

  test("tells at most 64 KiB of a stray token", () => {
    const [error] = messages([`"${"x".repeat(100_000)}\n`]);
    expect(error).toHaveLength("JSON parse error, stray ''".length + 65536);
  });

  test("keeps the limits that it was given", () => {
    const limits = { tokenBytes: 10, tokens: 4, nesting: 2 };
    expect(messages(['"12345678"', "[[1]]", " "], limits)).toEqual([
      "JSON token size limit exceeded",
      "JSON token count limit exceeded",
    ]);
    expect(messages(["[[[", " "], limits)).toEqual(["JSON nesting depth limit exceeded"]);
    expect(messages(["123456789", " "], limits)).toEqual(["123456789"]);
  });
});

test("an object's members come in the order of QEMU's hash table", () => {
  expect(printJson(JsonObject.from({ qemu: { major: 7, minor: 2, micro: 22 }, package: "" }))).toBe(
    '{"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}',
  );
  // The three members of query-status: two in one bucket, the later first.
  expect(bucketOf("status")).toBe(bucketOf("singlestep"));
});

test("a double is printed as printf's %.17g prints it", () => {
  const cases: readonly [number, string][] = [
    [0, "0"],
    [-0, "-0"],
    [0.1, "0.10000000000000001"],
    [-2.5, "-2.5"],
    [1e16, "10000000000000000"],
    [1e17, "1e+17"],
    [0.0001, "0.0001"],
    [0.00001, "1.0000000000000001e-05"],
    [Number.MAX_VALUE, "1.7976931348623157e+308"],
    [Infinity, "inf"],
  ];
  for (const [value, text] of cases) expect(printDouble(value)).toBe(text);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(printDouble(value))).toBe(value);
    }),
  );
});

test("an integer is exact in 64 bits, and beyond them a double", () => {
  const value = (text: string): JsonValue => {
    const { message } = new JsonStream().read(encodeUtf8(`[${text}]`), 0);
    if (message?.ok !== true || !Array.isArray(message.value)) throw new Error("no list");
    return (message.value as readonly JsonValue[])[0] ?? null;
  };
  expect(value("18446744073709551615")).toBe(18446744073709551615n);
  expect(value("18446744073709551616")).toBeInstanceOf(JsonDouble);
  expect(value("-9223372036854775809")).toBeInstanceOf(JsonDouble);
  expect(value("1.0")).toBeInstanceOf(JsonDouble);
  expect(value(`1${"0".repeat(100_000)}`)).toEqual(new JsonDouble(Infinity));
});
