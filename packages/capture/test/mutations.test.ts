import fc from "fast-check";
import { expect, test } from "vitest";
import { CaptureError, chooseRules, judgeBlocks, Pass, readArchive, readHost, surveyHost } from "../src/index.ts";
import { chunksOf, smallHost, tarOf } from "./small-capture.ts";

const runs = Number(process.env["MEMHP_MUTATIONS"] ?? 200);

const flags = [
  "40000 512 100000000",
  "40200 100 10080",
  "40264 1 8080",
  "40265 3 10080",
  "40268 2000 400",
  "40a38 5000 5868",
  "41dc0 1 28818",
  "41dc1 511 30818",
  "48000 32768 5868",
  "50000 65536 400",
  "",
].join("\n");
const files = smallHost(flags, {
  "proc/meminfo": "MemTotal: 524288 kB\nMemFree: 300000 kB\nSwapFree: 0 kB\nHugepagesize: 2048 kB\nHugePages_Rsvd: 0\n",
  "proc/buddyinfo": "Node 0, zone  Movable 1 2 3 4 5 6 7 8 9 10 11\n",
  "proc/pagetypeinfo":
    "Pages per block:  512\nNumber of blocks type Unmovable Movable HighAtomic\nNode 0, zone Movable 1 2 3\n",
  "proc/slabinfo": "slabinfo - version: 2.1\ndentry 9 9 192 21 1 : tunables 0 0 0 : slabdata 4 4 0\n",
  "modes.tsv": "/proc/meminfo\t444\t0\n",
  "sys/devices/system/node/node0/distance": "10 20\n",
  "sys/devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages": "3\n",
});

/** What can be read gives an answer for every block; what cannot is a CaptureError. Nothing else. */
async function isOrderly(bytes: Uint8Array): Promise<void> {
  try {
    const host = readHost(await readArchive("mutant", chunksOf(bytes)));
    const memory = surveyHost(host);
    const { rules } = chooseRules(host);
    const verdicts = [...judgeBlocks(memory, rules)];
    expect(verdicts.map(({ block }) => block)).toEqual(host.blocks.map(({ block }) => block));
    const pass = new Pass(memory, rules);
    for (const block of pass.blocks) if (pass.judge(block).answer === "goes_offline") pass.leave(block, false);
    for (const { use } of verdicts)
      for (const count of Object.values(use ?? {})) expect(count).toBeGreaterThanOrEqual(0);
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
  }
}

test("bytes of an archive that are changed, cut or said twice", async () => {
  expect.hasAssertions();
  const whole = tarOf(files);
  const change = fc.record({
    at: fc.nat(whole.length - 1),
    length: fc.nat(600),
    byte: fc.nat(255),
    how: fc.constantFrom("set", "fill", "drop", "repeat", "cut"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      let bytes = whole.slice();
      for (const { at, length, byte, how } of changes) {
        const from = Math.min(at, bytes.length);
        const end = Math.min(from + length, bytes.length);
        if (how === "set") bytes[from] = byte;
        else if (how === "fill") bytes.fill(byte, from, end);
        else if (how === "cut") bytes = bytes.slice(0, from);
        else {
          const middle = how === "repeat" ? [...bytes.subarray(from, end), ...bytes.subarray(from, end)] : [];
          bytes = Uint8Array.from([...bytes.subarray(0, from), ...middle, ...bytes.subarray(end)]);
        }
      }
      await isOrderly(bytes);
    }),
    { numRuns: runs, seed: 13 },
  );
});

test("words and numbers of its files that are others", async () => {
  expect.hasAssertions();
  const paths = Object.keys(files);
  const word = fc.constantFrom(
    ..."0 -1 1 4096 18446744073709551615 1e9 NaN none offline going-offline Movable Normal ffffffffffffffff @40000 x".split(
      " ",
    ),
    "",
  );
  const change = fc.record({ path: fc.constantFrom(...paths), at: fc.nat(40), word, drop: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      const mutant: Record<string, string> = { ...files };
      for (const { path, at, word: put, drop } of changes) {
        const words = (mutant[path] ?? "").split(/(\s+)/);
        words[at % words.length] = put;
        if (drop) delete mutant[path];
        else mutant[path] = words.join("");
      }
      await isOrderly(tarOf(mutant));
    }),
    { numRuns: runs, seed: 14 },
  );
});
