// Sends the same random commands and garbage to a real QEMU and to a session on `FakeBoard`, and compares their answers byte for byte:
// node --conditions=@memhp/source packages/qmp/test/compare-qemu.ts [RUNS [SEED]]. Needs Debian's qemu-system-x86; CI does not run it.
import fc from "fast-check";
import { createQmpSession } from "../src/index.ts";
import { bytesOf, type Piece, pieces } from "./arbitraries.ts";
import { FakeBoard } from "./fake-board.ts";
import { qemuVersion, withQemu } from "./real-qemu.ts";

/** Where the host has no memory for a backend, the two go different ways. */
const HOST = /cannot set up guest memory|os_mem_prealloc/;

const NEGOTIATE = Buffer.from('{"execute":"qmp_capabilities"}');
const LINES_PER_MESSAGE = 20;

/** Without the list of all commands, and the choice among several unexpected arguments, which is GLib's. */
const comparable = (line: string | undefined): string | undefined =>
  line
    ?.replace(/\{"return": \[\{"name": .*\]/, '{"return": [commands]')
    .replace(/Parameter '.*' is unexpected/, "Parameter '…' is unexpected");

function ours(bytes: Buffer): string[] {
  const lines: string[] = [];
  const session = createQmpSession(new FakeBoard(), { send: (line) => void lines.push(line.slice(0, -2)) });
  session.receive(NEGOTIATE);
  session.receive(bytes);
  return lines;
}

const [runs = 20, seed = 1] = process.argv.slice(2).map(Number);
const counts = { qemu: qemuVersion(), runs: 0, commands: 0, lines: 0, skipped: 0, different: 0 };
const longer = fc
  .array(pieces, { minLength: LINES_PER_MESSAGE, maxLength: LINES_PER_MESSAGE })
  .map((all) => all.flat());
for (const run of fc.sample<Piece[]>(longer, { numRuns: runs, seed })) {
  const { bytes, commands } = bytesOf(run);
  const expected = await withQemu(async (monitor) => {
    await monitor.write(NEGOTIATE);
    await monitor.write(bytes);
    return monitor.quiet(500);
  });
  const actual = ours(bytes);
  counts.runs++;
  counts.commands += commands;
  counts.lines += expected.length;
  const at = expected.findIndex((line, i) => comparable(line) !== comparable(actual[i]));
  if (at === -1 && expected.length === actual.length) continue;
  if (HOST.test(expected[at] ?? "")) counts.skipped++;
  else {
    counts.different++;
    console.log(`run ${counts.runs}, line ${at}\n  QEMU  ${expected[at]}\n  memhp ${actual[at]}`);
  }
}
console.log(JSON.stringify(counts));
process.exitCode = counts.different > 0 ? 1 : 0;
