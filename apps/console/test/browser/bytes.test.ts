import { readdirSync, readFileSync } from "node:fs";
import { runRecorded } from "@memhp/recorded";
import { parseDocument } from "@memhp/scenario";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { giveFile, isReady } from "./open-page.ts";
import { servedConsole } from "./served-console.ts";

const traces = new URL("../../../../tools/conformance/kernel-traces/", import.meta.url);
const readTrace = (file: string): string => readFileSync(new URL(file, traces), "utf8");

const { openIsolated, openOnce } = servedConsole();

describe("what is run in the page", { timeout: 240_000 }, () => {
  const opened = openOnce();
  /** What Node makes of a file on no worker: the same for every page that is compared with it. */
  const ofNode = new Map<string, Promise<{ readonly name: string; readonly saved: string }>>();
  const runInNode = async (file: string, text: string): Promise<{ readonly name: string; readonly saved: string }> => {
    const document = parseDocument(text, file);
    const { trace } = await runRecorded(document);
    return { name: document.name, saved: `${JSON.stringify(trace, undefined, 2)}\n` };
  };

  /** Opens a file, lets it run, saves the run, and compares it with Node's on no worker. */
  const hasNodesBytes = async (page: Page, file: string, text: string): Promise<boolean> => {
    const inNode = ofNode.get(file) ?? runInNode(file, text);
    ofNode.set(file, inNode);
    const { name, saved: wanted } = await inNode;
    await giveFile(page, file.replaceAll("/", "-"), text);
    await page.locator(".numbers").getByText(name, { exact: true }).waitFor();
    await isReady(page);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save run" }).click();
    const saved = readFileSync(await (await download).path(), "utf8");
    return saved === wanted;
  };

  test.each([0, 2])("runs give Node's bytes, with %i workers", async (workers) => {
    const page = opened();
    await bootOn(page, workers);
    for (const file of sameBytes)
      expect({ file, same: await hasNodesBytes(page, file, readTrace(file)) }).toEqual({ file, same: true });
  });

  test.each([
    ["share memory, as `memhp serve` has them", true],
    ["share none", false],
  ])("rounds of migration give Node's bytes where workers %s", async (_where, shares) => {
    const page = shares ? await openIsolated() : opened();
    await bootOn(page, 2);
    // The machine's own and those of its shards: without it rounds are asked for, not planned among them.
    const isolated = await Promise.all(page.workers().map((worker) => worker.evaluate(() => crossOriginIsolated)));
    expect(isolated).toEqual([shares, shares, shares]);
    expect(await hasNodesBytes(page, "rounds.yaml", rounds)).toBe(true);
  });
});

/** Starts the machine that stands anew, spread over workers; what is opened next is, too. */
async function bootOn(page: Page, workers: number): Promise<void> {
  if (workers === 0) return;
  await page.getByLabel("Workers").fill(String(workers));
  await page.getByRole("button", { name: "Boot" }).click();
  await expect.poll(() => page.workers().length, { timeout: 10_000 }).toBe(1 + workers);
  await isReady(page);
}

/** Pages of several nodes migrate at once, to nodes of the other worker as well. */
const rounds = [
  "format: memhp-scenario/1",
  "name: rounds of migration",
  'kernel: "6.12"',
  "machine: { nodes: { count: 4, memory: 1G }, dimms: { per_node: 1, size: 1G } }",
  "steps:",
  "  - { op: online, blocks: offline, type: movable }",
  ...[0, 1, 2, 3].map((node) => `  - { op: load, id: db${node}, kind: anon, size: 800M, node: ${node} }`),
  '  - { op: offline, blocks: "dimm:n0d0,dimm:n1d0,dimm:n2d0" }',
].join("\n");

/** Every scenario that is shipped but the four TiB, whose page takes longer than a test may, and recorded runs of all kinds. */
const shipped = ["packages/scenario/examples", "apps/cli/examples", "apps/console/examples"].flatMap((folder) =>
  readdirSync(new URL(`../../../../${folder}/`, import.meta.url))
    .filter((file) => file !== "four-tib.yaml")
    .map((file) => `../../../${folder}/${file}`),
);
const everyRun = [
  ...shipped,
  "4.1/order-5g-mv.json",
  "4.1/interleaved-nodes-dimms.json",
  "4.1/notifier-error.json",
  "4.1/del-middle-dimm.json",
  "4.1-nomn/two-nodes-dimms.json",
  "6.1/b_fuzz_kernelcore.json",
  "6.1/e_del_movable.json",
  "6.1/g_state_errnos.json",
  "6.12/b_fuzz_automovable.json",
  "6.12/b_zone_rules_1.json",
  "6.12/f_auto_online.json",
  "6.12/j_absent_node_4.json",
  "6.12/c_unmovable_hold.json",
  "6.12/b_two_nodes_interleaved.json",
  "6.12-vmem/v_unplug_refused.json",
  "6.1/h_inject.json",
  "6.1/e_del_never_onlined.json",
  "4.1/order-mv-middle-first.json",
  "4.1/order-mv-descending.json",
  "4.1/two-nodes-dimms.json",
];
/** From day to day every third of them, which is of every kind; all by `pnpm check browser`. */
const sameBytes = everyRun.filter((_, i) => process.env["MEMHP_SCREENSHOTS"] !== undefined || i % 3 === 0);
