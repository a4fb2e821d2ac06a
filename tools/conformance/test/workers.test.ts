import { workerThreads } from "@memhp/machine/node";
import { runDocument } from "@memhp/scenario";
import { expect, test } from "vitest";
import { readTrace, type TraceId } from "../src/index.ts";

/** Runs on machines of 1, 2, 3 and 4 nodes, with vetoes, auto-online, ejects and nodes that come and go. */
const runs: readonly TraceId[] = [
  "4.1/order-mv-middle-first",
  "4.1/interleaved-nodes-dimms",
  "4.1/boot-4n-8g",
  "4.1/notifier-error",
  "4.1-nomn/two-nodes-dimms",
  "6.1/a_boot_4node",
  "6.1/b_two_nodes_interleaved",
  "6.1/f_automovable_100",
  "6.1/h_inject",
  "6.1/j_absent_node",
  "6.1/j_absent_node_4",
  "6.12/b_fuzz_automovable",
  "6.12/f_auto_online",
  "6.12/h_inject_lastnode",
];

for (const id of runs) {
  test(`${id}: the same bytes with 0, 1, 2 and 4 workers`, async () => {
    const document = readTrace(id);
    const bytes = async (workers: number): Promise<string> =>
      JSON.stringify((await runDocument(document, { workers, workerFactory: workerThreads() })).trace);
    const inThisThread = await bytes(0);
    expect(await bytes(1)).toBe(inThisThread);
    expect(await bytes(2)).toBe(inThisThread);
    expect(await bytes(4)).toBe(inThisThread);
  });
}
