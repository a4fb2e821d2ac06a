import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createQmpSession } from "../src/index.ts";
import { FakeBoard } from "./fake-board.ts";

interface RecordedScript {
  readonly name: string;
  readonly steps: readonly { readonly send: string; readonly times?: number; readonly receive: readonly string[] }[];
}

const { scripts } = JSON.parse(readFileSync(new URL("data/qemu-7.2.json", import.meta.url), "utf8")) as {
  readonly scripts: readonly RecordedScript[];
};

/** What a session on the fake board answers to the bytes of a script. A step's bytes arrive in pieces of 64 KiB at most. */
function replay({ steps }: RecordedScript): string[] {
  const lines: string[] = [];
  const session = createQmpSession(new FakeBoard(), { send: (line) => void lines.push(line.slice(0, -2)) });
  for (const { send, times = 1 } of steps) {
    const bytes = Buffer.from(send, "latin1");
    const piece = Buffer.concat(Array.from({ length: Math.min(times, 65536) }, () => bytes));
    for (let left = times; left > 0; left -= 65536) session.receive(piece.subarray(0, left * bytes.length));
  }
  return lines;
}

/** The one thing that cannot be the same. */
const withoutTime = (line: string): string =>
  line.replace(/"timestamp": \{"seconds": \d+, "microseconds": \d+\}/, '"timestamp": …');

describe("answers as a paused QEMU 7.2 gave them, byte for byte", () => {
  const compared = scripts.filter(({ name }) => name !== "commands");
  test.each(compared)("$name", { timeout: 60_000 }, (script) => {
    const recorded = script.steps.flatMap(({ receive }) => receive);
    expect(replay(script).map(withoutTime)).toEqual(recorded.map(withoutTime));
  });
});

test("every command is one of QEMU's, and they are listed in its order", () => {
  const script = scripts.find(({ name }) => name === "commands");
  if (script === undefined) throw new Error("not recorded");
  const names = (line: string | undefined): string[] =>
    (JSON.parse(line ?? "") as { return: { name: string }[] }).return.map(({ name }) => name);
  const ours = names(replay(script).at(-1));
  const qemus = names(script.steps.at(-1)?.receive[0]);
  expect(ours).toEqual(qemus.filter((name) => ours.includes(name)));
  expect(ours).toHaveLength(17);
});
