import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { createQmpSession } from "../src/index.ts";
import { serveQmp } from "../src/node/index.ts";
import { bytesOf, type Piece, pieces } from "./arbitraries.ts";
import { FakeBoard } from "./fake-board.ts";
import { type Answer, SocketClient } from "./socket-client.ts";
import { temporarySocket } from "./temporary-socket.ts";

const state = (board: FakeBoard): unknown => ({ dimms: board.dimms, backends: board.backends.ids() });

/** What a board is like after the commands alone. */
function boardAfter(run: readonly Piece[]): FakeBoard {
  const board = new FakeBoard();
  const session = createQmpSession(board, { send: () => undefined });
  session.receive('{"execute":"qmp_capabilities"}');
  for (const piece of run) if ("command" in piece) session.receive(JSON.stringify(piece.command));
  return board;
}

const ofCommand = ({ id }: Answer): boolean => typeof id === "string" && /^#\d+$/.test(id);

/** A result or an error of a class that QMP knows; what answers no command is an error. memhp itself never fails. */
function isWellFormed(answer: Answer): boolean {
  const { error } = answer;
  if ((answer.return === undefined) === (error === undefined)) return false;
  if (error === undefined) return ofCommand(answer);
  return (
    /^(GenericError|CommandNotFound|DeviceNotFound)$/.test(error.class) &&
    !(error.desc ?? "").includes("internal error")
  );
}

/** Every command has exactly one answer, in order; all else is an error, with the id that garbage may happen to have. */
function checkAnswers(answers: readonly Answer[], commands: number): number {
  const answered = answers.filter(ofCommand);
  expect(answered.map((answer) => answer.id)).toEqual(Array.from({ length: commands }, (_, n) => `#${n}`));
  // Tens of thousands: an assertion for each takes as long as all the rest.
  expect(answers.filter((answer) => !isWellFormed(answer))).toEqual([]);
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
      { numRuns: 1000 },
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
