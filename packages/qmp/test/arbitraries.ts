import fc from "fast-check";

const MIB = 1024 * 1024;
const id = fc.constantFrom(
  "m0",
  "m1",
  "m2",
  "m3",
  "d0",
  "d1",
  "d2",
  "",
  "a b",
  "/objects/m0",
  "/machine/peripheral/d0",
  "ram0",
);
const odd = fc.oneof({ maxDepth: 2 }, fc.jsonValue({ maxDepth: 2 }), id, fc.maxSafeInteger());
/** Mostly the right kind of value, sometimes any. */
const sometimesOdd = <T>(usual: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 8, arbitrary: usual }, { weight: 1, arbitrary: odd });

const QUERIES = [
  "query-memory-devices",
  "query-acpi-ospm-status",
  "query-memory-size-summary",
  "query-version",
  "query-commands",
  "query-status",
  "query-name",
  "qmp_capabilities",
];

const objectArguments = fc.record(
  {
    "qom-type": sometimesOdd(fc.constant("memory-backend-ram")),
    id: sometimesOdd(id),
    size: sometimesOdd(fc.integer({ min: 1, max: 32 }).map((n) => n * 64 * MIB)),
  },
  { requiredKeys: ["qom-type", "id", "size"] },
);

const deviceArguments = fc.record(
  {
    driver: sometimesOdd(fc.constant("pc-dimm")),
    id: sometimesOdd(id),
    memdev: sometimesOdd(id),
    slot: sometimesOdd(fc.integer({ min: -2, max: 5 })),
    node: sometimesOdd(fc.integer({ min: 0, max: 2 })),
    addr: sometimesOdd(fc.integer({ min: 60, max: 260 }).map((n) => n * 64 * MIB)),
  },
  { requiredKeys: ["driver", "id", "memdev"] },
);

interface Command {
  readonly execute: string;
  readonly arguments?: unknown;
}

const withArguments = (names: readonly string[], args: fc.Arbitrary<unknown>): fc.Arbitrary<Command> =>
  fc.record({ execute: fc.constantFrom(...names), arguments: sometimesOdd(args) });

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: withArguments(["object-add"], objectArguments) },
  { weight: 6, arbitrary: withArguments(["device_add"], deviceArguments) },
  { weight: 2, arbitrary: withArguments(["object-del", "device_del"], fc.record({ id: sometimesOdd(id) })) },
  { weight: 2, arbitrary: fc.record({ execute: fc.constantFrom(...QUERIES) }) },
  { weight: 1, arbitrary: withArguments(QUERIES, fc.dictionary(fc.string(), odd, { maxKeys: 3 })) },
  { weight: 1, arbitrary: fc.record({ execute: fc.string().filter((name) => name !== "quit") }) },
);

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
/** FF and a newline bring QEMU's parser back to its start, whatever came before. */
const RESET = latin1("\xff\n");

/** Something that is no command: bytes, punctuation, the beginning of a command, JSON that is not asked for. */
const garbage: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc
    .array(fc.constantFrom("{", "}", "[", "]", ":", ",", '"', "'", "\\", "nul", "1e", "-", " ", "\n", "@", "\0"), {
      maxLength: 20,
    })
    .map((parts) => latin1(parts.join(""))),
  fc.tuple(command, fc.double({ min: 0, max: 0.99 })).map(([value, part]) => {
    const bytes = Buffer.from(JSON.stringify(value));
    return bytes.subarray(0, Math.floor(bytes.length * part));
  }),
  fc
    .jsonValue()
    .filter((value) => !JSON.stringify(value).includes("execute"))
    .map((value) => Buffer.from(JSON.stringify(value))),
);

export type Piece = { readonly garbage: Buffer } | { readonly command: Command };
export const pieces: fc.Arbitrary<Piece[]> = fc.array(
  fc.oneof({ weight: 3, arbitrary: fc.record({ command }) }, { weight: 1, arbitrary: fc.record({ garbage }) }),
  { maxLength: 40, size: "max" },
);

/** The bytes of a run. Each command carries its number as `id`. */
export function bytesOf(run: readonly Piece[]): { bytes: Buffer; garbageBytes: number; commands: number } {
  let [garbageBytes, commands] = [0, 0];
  const parts = run.map((piece) => {
    if ("command" in piece) return Buffer.from(JSON.stringify({ ...piece.command, id: `#${commands++}` }));
    garbageBytes += piece.garbage.length;
    return Buffer.concat([RESET, piece.garbage, RESET]);
  });
  return { bytes: Buffer.concat(parts), garbageBytes, commands };
}
