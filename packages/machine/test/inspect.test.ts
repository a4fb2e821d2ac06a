import { dimmsOf } from "@memhp/devices";
import { createRecordingSink } from "@memhp/inspect";
import { expect, test } from "vitest";
import { bootMachine, parseMachineSpec } from "../src/index.ts";
import { workerThreads } from "../src/node/index.ts";

const spec = parseMachineSpec({
  machine: "q35",
  memory: "4G",
  slots: 16,
  maxmem: "64G",
  smp: 4,
  nodes: [0, 1, 2, 3].map((nodeid) => ({ nodeid, mem: "1G", cpus: String(nodeid) })),
});

for (const workers of [0, 2, 4]) {
  test(`with ${workers} workers, chosen blocks of all nodes are seen under ids of their own and nothing is lost`, async () => {
    const machine = await bootMachine(spec, {
      kernelBlocks: [],
      kernel: "6.1",
      workers,
      workerFactory: workerThreads(),
    });
    const sink = createRecordingSink();
    const inspection = await machine.inspect({ to: sink, choose: { attributes: { block: [33, 34, 35, 36] } } });
    for (const node of [0, 1, 2, 3])
      await dimmsOf(machine).insert({ id: `d${node}`, memdev: `m${node}`, sizeBytes: 128 * 2 ** 20, node });
    await machine.bulk("online", [33, 34, 35, 36], "movable");
    await machine.bulk("offline", [33, 34, 35, 36]);
    // Batches from workers come through ports of their own.
    await expect
      .poll(() => lastStates(sink))
      .toEqual(["memory33 offline", "memory34 offline", "memory35 offline", "memory36 offline"]);
    expect(inspection.report().lost).toBe(0);
    inspection.close();
    await machine.close();
  });
}

/** Last state of each block's actor, by the id that the inspector shows. */
function lastStates(sink: ReturnType<typeof createRecordingSink>): string[] {
  const names = new Map<string, string>();
  const last = new Map<string, string>();
  for (const event of sink.events()) {
    if (event.type === "@xstate.actor") names.set(event.sessionId, event.name);
    if (event.type !== "@xstate.snapshot") continue;
    const { value } = event.snapshot as { value?: unknown };
    if (typeof value === "string" && names.get(event.sessionId)?.includes("memory") === true)
      last.set(event.sessionId, `${/memory\d+/.exec(names.get(event.sessionId) ?? "")?.[0]} ${value}`);
  }
  return [...last.values()].sort();
}
