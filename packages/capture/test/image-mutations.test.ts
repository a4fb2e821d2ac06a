import fc from "fast-check";
import { ImageError, SpecError, start } from "@memhp/machine";
import { expect, test } from "vitest";
import { CaptureError, countedHost, hostImage, ImageImpossible, readArchive, readHost } from "../src/index.ts";
import { chunksOf, smallHost, tarOf } from "./small-capture.ts";

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
  "proc/meminfo": "MemTotal: 524288 kB\nMemFree: 300000 kB\n",
  "sys/devices/system/node/node0/cpulist": "0-1\n",
  "sys/devices/system/node/node0/distance": "10 20\n",
  "sys/devices/system/node/node1/distance": "20 10\n",
});

/** What cannot become a machine says so; what does has counters that equal a recount of its pages. */
async function isOrderly(mutant: Readonly<Record<string, string>>): Promise<void> {
  try {
    const host = readHost(await readArchive("mutant", chunksOf(tarOf(mutant))));
    const machine = await start(hostImage(host.flags === undefined ? countedHost(host) : host));
    expect(await machine.pages.audit()).toEqual([]);
    await machine.close();
  } catch (error) {
    const isExpected = [CaptureError, ImageImpossible, ImageError, SpecError].some((each) => error instanceof each);
    if (!isExpected) throw error;
  }
}

const runs = Number(process.env["MEMHP_MUTATIONS"] ?? 60);

test(
  "a host whose files contradict each other is a sound machine, or none",
  { timeout: 30_000 + 100 * runs },
  async () => {
    expect.hasAssertions();
    const word = fc.constantFrom(
      ..."0 -1 1 4096 18446744073709551615 1e9 NaN none offline Movable Normal DMA32 ffffffffffffffff @40000 x".split(
        " ",
      ),
      "",
    );
    const change = fc.record({
      path: fc.constantFrom(...Object.keys(files)),
      at: fc.nat(40),
      word,
      drop: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 4 }), async (changes) => {
        const mutant: Record<string, string> = { ...files };
        for (const { path, at, word: put, drop } of changes) {
          const words = (mutant[path] ?? "").split(/(\s+)/);
          words[at % words.length] = put;
          if (drop) delete mutant[path];
          else mutant[path] = words.join("");
        }
        await isOrderly(mutant);
      }),
      { numRuns: runs, seed: 15 },
    );
  },
);
