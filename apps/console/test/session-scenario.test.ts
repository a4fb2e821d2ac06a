import { dimmsOf } from "@memhp/devices";
import { readDocument, runDocument, stateView, type StepRequest } from "@memhp/scenario";
import { expect, test } from "vitest";
import { openDocument, runUpTo } from "../src/replay/replay.ts";
import { bootFromForm } from "../src/session/boot.ts";
import { defaultForm } from "../src/session/boot-form.ts";
import { perform } from "../src/session/perform.ts";
import type { Session } from "../src/session/session.ts";

const steps: readonly StepRequest[] = [
  { op: "block", n: 32, v: "online_movable" },
  { op: "online", blocks: "33-35" },
  { op: "load", id: "db", kind: "anon", size: "256M", node: 1, policy: "bind", churn: 0.1 },
  { op: "load", id: "nic", kind: "pinned", size: "1M", nodes: [0, 1], pin: "long" },
  { op: "dimm_add", id: "d9", node: 1, size: "256M" },
  { op: "kernel_pages", blocks: "34" },
  { op: "offline", blocks: "34-35" },
  { op: "inject", action: "MEM_GOING_OFFLINE", errno: "EBUSY" },
  { op: "block", n: 33, v: "offline" },
  { op: "inject", action: "MEM_GOING_OFFLINE", errno: 0 },
  { op: "block", n: 32, v: "offline", background: "memory32" },
  { op: "offline", blocks: "33,35", background: "more" },
  { op: "block", n: 33, v: "online", timeout_ms: 3000 },
  { op: "wait", s: 2.5 },
  { op: "write", path: "/proc/sys/vm/drop_caches", data: "3\n" },
  { op: "container", id: "c0", action: "add" },
  { op: "container", id: "c0", action: "eject" },
  { op: "unpin", id: "nic" },
  { op: "unload", id: "db" },
  { op: "dimm_del", id: "d9" },
];

function scenarioOf({ origin, did }: Session): unknown {
  return { ...origin, steps: [...(origin["steps"] as readonly unknown[]), ...did] };
}

test.each(["4.1", "6.12", "7.3"])(
  "what was done on %s by hand is a scenario that leaves the same machine",
  async (kernel) => {
    const slots = { ...defaultForm, kernel, containers: 1, cmdline: "memhp_default_state=offline" };
    const session = await bootFromForm(kernel === "4.1" ? { ...slots, cmdline: "" } : slots);
    try {
      const tones = [];
      for (const step of steps) tones.push((await perform(session, { steps: [step] })).answer.tone);
      // What was refused was done, too; errors of the person were not.
      expect(tones).not.toContain("error");
      const { trace } = await runDocument(readDocument(scenarioOf(session), "session"));
      expect(trace.steps).toHaveLength(steps.length);
      expect(trace.final).toEqual(stateView(session.machine));
      expect(trace.steps.at(-1)?.at_ns).toBe(session.machine.nowNs);
    } finally {
      await session.close();
    }
  },
);

test("an open document's own steps come first, and what had no sense is no step", async () => {
  const text = JSON.stringify({
    format: "memhp-scenario/1",
    name: "open",
    kernel: "6.12",
    machine: { nodes: { count: 1, memory: "1G" }, dimms: { per_node: 1, size: "512M" } },
    steps: [
      { op: "online", blocks: "32" },
      { op: "online", blocks: "33" },
    ],
  });
  const session = await runUpTo(await openDocument(text, "open"), 1, 0);
  try {
    const some: StepRequest[] = [
      { op: "block", n: 34, v: "online_movable" },
      { op: "dimm_add", id: "d1", node: 0, size: "0" },
    ];
    for (const step of some) await perform(session, { steps: [step] });
    expect(scenarioOf(session)).toMatchObject({
      name: "open",
      steps: [
        { op: "online", blocks: "32" },
        { op: "block", n: 34, v: "online_movable" },
      ],
    });
    expect(dimmsOf(session.machine).list()).toHaveLength(1);
  } finally {
    await session.close();
  }
});
