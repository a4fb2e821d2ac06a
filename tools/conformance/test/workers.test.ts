import { parseDocument, type RunDocument, type TraceStep } from "@memhp/scenario";
import { runRecorded } from "@memhp/recorded";
import { expect, test } from "vitest";
import { readTrace, type TraceId } from "../src/index.ts";
import { keptWorkers as workerFactory } from "../src/kept-workers.ts";

/** Runs on machines of 1, 2, 3 and 4 nodes, with vetoes, auto-online, ejects and nodes that come and go; loads, pins, signals. */
const runs: readonly TraceId[] = [
  "4.1/order-mv-middle-first",
  "4.1/interleaved-nodes-dimms",
  "4.1/boot-4n-8g",
  "4.1/notifier-error",
  "4.1/z-nomem",
  "4.1/z-pinned-eject",
  "4.1-nomn/two-nodes-dimms",
  "6.1/a_boot_4node",
  "6.1/b_two_nodes_interleaved",
  "6.1/c_load_anon_kernel",
  "6.1/c_load_dentry_movable",
  "6.1/c_oom_offline",
  "6.1/e_del_movable_loaded",
  "6.1/f_automovable_100",
  "6.1/h_inject",
  "6.1/j_absent_node",
  "6.1/j_absent_node_4",
  "6.1/n_del_pinned",
  "6.1/x_going_offline",
  "6.12/b_fuzz_automovable",
  "6.12/c_load_dentry_movable",
  "6.12/c_oom_offline",
  "6.12/f_auto_online",
  "6.12/h_inject_lastnode",
];

/** The trace of a document in this thread and on three workers. */
async function tracesOf(document: RunDocument): Promise<string[]> {
  const traces: string[] = [];
  for (const workers of [0, 3]) {
    const { trace } = await runRecorded(document, { workers, workerFactory });
    traces.push(JSON.stringify(trace));
  }
  return traces;
}

test.for(runs)("%s: the same bytes with 0 and 3 workers", async (id) => {
  const [inThisThread, ...onWorkers] = await tracesOf(readTrace(id));
  for (const bytes of onWorkers) expect(bytes).toBe(inThisThread);
});

test("6.1/n_del_pinned: an eject that does not end gives the same bytes each time", async () => {
  const document = readTrace("6.1/n_del_pinned");
  const bytes = new Set<string>();
  for (let round = 0; round < 6; round++) {
    const { trace } = await runRecorded(document, { workers: 2, workerFactory });
    bytes.add(JSON.stringify(trace));
  }
  expect(bytes.size).toBe(1);
});

/** Loads on four nodes (4.1 lets only the last block of each become movable, so eight times) that live while blocks of all of them go offline at once, and one block that cannot. */
const fourNodes = (kernel: string): string => `format: memhp-scenario/1
name: four nodes under load
kernel: "${kernel}"
seed: 7
machine: { nodes: { count: 4, memory: 1G, cpus: 1 }, dimms: { per_node: 1, size: 1G } }
steps:
${"  - { op: online, blocks: offline, type: movable }\n".repeat(8)}  - { op: read, path: /proc/zoneinfo }
  - { op: load, id: spread, kind: anon, size: 512M, nodes: [0, 1, 2, 3], policy: interleave, churn: { fraction: 0.3, every: 0.05 } }
  - { op: load, id: db, kind: mlock, size: 256M, node: 1 }
  - { op: load, id: cache, kind: file, size: 384M, nodes: [3, 2], policy: prefer, churn: 0.2 }
  - { op: load, id: huge, kind: thp, size: 64M, node: 2 }
  - { op: load, id: brief, kind: anon, size: 64M, node: 0, for: 2 }
  - { op: wait, s: 1 }
  - { op: offline, blocks: "node:1&movable,node:3&movable", expect: { requested: 16, offlined: 16 } }
  - { op: read, path: /proc/buddyinfo }
  - { op: block, n: "72", v: online_movable }
  - { op: load, id: dma, kind: pinned, pin: short, size: 1M, node: 3, policy: bind }
  - { op: read, path: /proc/zoneinfo }
  - { op: block, n: "72", v: offline, background: stuck }
  - { op: load, id: late, kind: shm, size: 128M, node: 0 }
  - { op: wait, ms: 300 }
  - { op: read, path: memory72/state, expect: { data: "going-offline\\n" } }
  - { op: signal, to: stuck }
  - { op: offline, blocks: "node:2&movable,72" }
  - { op: block, n: "33", v: offline, timeout_ms: 2000 }
  - { op: read, path: /proc/meminfo }
  - { op: unpin, id: dma }
  - { op: wait, s: 3 }
  - { op: offline, blocks: movable }
  - { op: unload, id: spread }
  - { op: read, path: /proc/pagetypeinfo }
  - { op: read, path: /proc/kpageflags, length: 65536 }
`;

test.for(["4.1", "6.1", "6.12"])(
  "%s: loads on four nodes: the same bytes with 0 and 3 workers",
  { timeout: 120_000 },
  async (kernel) => {
    const [inThisThread = "", ...onWorkers] = await tracesOf(parseDocument(fourNodes(kernel), "four-nodes.yaml"));
    for (const bytes of onWorkers) expect(bytes).toBe(inThisThread);
    const { steps } = JSON.parse(inThisThread) as { steps: TraceStep[] };
    const stuck = steps.flatMap(({ finished = [] }) => finished).find(({ name }) => name === "stuck");
    expect(stuck?.result).toEqual({ open_errno: 0, ret: -1, errno: "EINTR" });
    expect(steps.find(({ step }) => step["path"] === "memory72/state")?.result).toMatchObject({
      data: "going-offline\n",
    });
  },
);
