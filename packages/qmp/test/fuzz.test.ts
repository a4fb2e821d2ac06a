import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { createQmpSession } from "../src/index.ts";
import { serveQmp } from "../src/node/index.ts";
import { FakeBoard } from "./fake-board.ts";
import { type Answer, SocketClient } from "./socket-client.ts";
import { temporarySocket } from "./temporary-socket.ts";

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
    size: sometimesOdd(fc.integer({ min: 1, max: 80 }).map((n) => n * 64 * MIB)),
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

type Piece = { readonly garbage: Buffer } | { readonly command: Command };
const pieces: fc.Arbitrary<Piece[]> = fc.array(
  fc.oneof({ weight: 3, arbitrary: fc.record({ command }) }, { weight: 1, arbitrary: fc.record({ garbage }) }),
  { maxLength: 40, size: "max" },
);

/** The bytes of a run. Each command carries its number as `id`. */
function bytesOf(run: readonly Piece[]): { bytes: Buffer; garbageBytes: number; commands: number } {
  let [garbageBytes, commands] = [0, 0];
  const parts = run.map((piece) => {
    if ("command" in piece) return Buffer.from(JSON.stringify({ ...piece.command, id: `#${commands++}` }));
    garbageBytes += piece.garbage.length;
    return Buffer.concat([RESET, piece.garbage, RESET]);
  });
  return { bytes: Buffer.concat(parts), garbageBytes, commands };
}

const state = (board: FakeBoard): unknown => ({ dimms: board.dimms, backends: board.backends.ids() });

/** What a board is like after the commands alone. */
function boardAfter(run: readonly Piece[]): FakeBoard {
  const board = new FakeBoard();
  const session = createQmpSession(board, { send: () => undefined });
  session.receive('{"execute":"qmp_capabilities"}');
  for (const piece of run) if ("command" in piece) session.receive(JSON.stringify(piece.command));
  return board;
}

/** Every command has exactly one answer, in order; all else is an error without an id. */
function checkAnswers(answers: readonly Answer[], commands: number): number {
  const answered = answers.filter((answer) => answer.id !== undefined);
  expect(answered.map((answer) => answer.id)).toEqual(Array.from({ length: commands }, (_, n) => `#${n}`));
  for (const answer of answers) {
    expect(answer.return === undefined).not.toBe(answer.error === undefined);
    if (answer.error !== undefined)
      expect(answer.error.class).toMatch(/^(GenericError|CommandNotFound|DeviceNotFound)$/);
    if (answer.id === undefined) expect(answer.error).toBeDefined();
    expect(answer.error?.desc ?? "").not.toContain("internal error");
  }
  return answers.length - answered.length;
}

test(
  "any commands and any garbage, in pieces of any size: one answer each, and garbage changes nothing",
  { timeout: 120_000 },
  () => {
    const counts = { runs: 0, commands: 0, accepted: 0, garbageBytes: 0, garbageErrors: 0 };
    fc.assert(
      fc.property(pieces, fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1 }), (run, cuts) => {
        const board = new FakeBoard();
        const lines: string[] = [];
        const session = createQmpSession(board, { send: (line) => void lines.push(line) });
        session.receive('{"execute":"qmp_capabilities"}');
        lines.length = 0;
        const { bytes, garbageBytes, commands } = bytesOf(run);
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const cut = cuts[i % cuts.length] ?? 1;
          session.receive(bytes.subarray(at, at + cut));
          at += cut;
        }
        const answers = lines.map((line) => JSON.parse(line) as Answer);
        counts.garbageErrors += checkAnswers(answers, commands);
        expect(state(board)).toEqual(state(boardAfter(run)));
        counts.runs++;
        counts.commands += commands;
        counts.accepted += answers.filter((answer) => answer.return !== undefined).length;
        counts.garbageBytes += garbageBytes;
      }),
      { numRuns: 1500 },
    );
    console.log("sessions fuzzed:", JSON.stringify(counts));
    expect(counts.accepted).toBeGreaterThan(counts.commands / 10);
  },
);

test("the server lives through the same over sockets, ten clients at a time", { timeout: 120_000 }, async () => {
  const counts = { runs: 0, commands: 0, garbageBytes: 0, garbageErrors: 0 };
  const board = new FakeBoard();
  const path = temporarySocket();
  const server = await serveQmp(board, { path });
  onTestFinished(() => server.close());
  const talk = async (run: readonly Piece[]): Promise<void> => {
    const client = await SocketClient.open({ path });
    const { bytes, garbageBytes, commands } = bytesOf(run);
    client.socket.end(bytes);
    await client.closed();
    counts.garbageErrors += checkAnswers(client.lines, commands);
    counts.runs++;
    counts.commands += commands;
    counts.garbageBytes += garbageBytes;
  };
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { minLength: 10, maxLength: 10 }), async (runs) => {
      await Promise.all(runs.map(talk));
    }),
    { numRuns: 40 },
  );
  console.log("connections fuzzed:", JSON.stringify(counts));
  expect(server.clients).toBe(0);
  expect((await (await SocketClient.open({ path })).ask("query-name")).return).toEqual({});
});
