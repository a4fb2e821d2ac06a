import { dimmsOf } from "@memhp/devices";
import { readDocument, runDocument, stateView } from "@memhp/scenario";
import { expect, test } from "vitest";
import { openDocument, runUpTo } from "../src/replay/replay.ts";
import { bootFromForm } from "../src/session/boot.ts";
import { defaultForm } from "../src/session/boot-form.ts";
import { carryOut, type Command } from "../src/session/commands.ts";
import type { Session } from "../src/session/session.ts";

const load = { kind: "anon", policy: "prefer", pin: "short", churn: 0 } as const;

const commands: readonly Command[] = [
  { do: "write", blocks: [32], word: "online_movable" },
  { do: "write", blocks: [33, 34, 35], word: "online" },
  { do: "load", form: { ...load, id: "db", size: "256M", where: "1", policy: "bind", churn: 10 } },
  { do: "load", form: { ...load, id: "nic", kind: "pinned", size: "1M", where: "all", pin: "long" } },
  { do: "insert", id: "d9", node: 1, size: "256M", addr: "" },
  { do: "kernel_pages", blocks: [34], present: true },
  { do: "write", blocks: [34, 35], word: "offline" },
  { do: "inject", action: "MEM_GOING_OFFLINE", errno: "EBUSY" },
  { do: "write", blocks: [33], word: "offline" },
  { do: "inject", action: "MEM_GOING_OFFLINE", errno: "none" },
  { do: "write", blocks: [32], word: "offline", background: true },
  { do: "wait", seconds: 2.5 },
  { do: "drop_caches", what: 3 },
  { do: "free", blocks: [33] },
  { do: "container", id: "c0", action: "bus_check" },
  { do: "container", id: "c0", action: "eject" },
  { do: "unpin", id: "nic" },
  { do: "unload", id: "db" },
  { do: "eject", id: "d9" },
];

function scenarioOf({ origin, did }: Session): unknown {
  return { ...origin, steps: [...(origin["steps"] as readonly unknown[]), ...did.steps] };
}

test.each(["4.1", "6.12", "7.3"])(
  "what was done on %s by hand is a scenario that leaves the same machine",
  async (kernel) => {
    const slots = { ...defaultForm, kernel, containers: 1, cmdline: "memhp_default_state=offline" };
    const session = await bootFromForm(kernel === "4.1" ? { ...slots, cmdline: "" } : slots);
    try {
      const tones = [];
      for (const command of commands) tones.push((await carryOut(session, command)).tone);
      // What was refused was done, too; errors of the person were not.
      expect(tones).not.toContain("error");
      expect(session.did.unsaid).toEqual([]);
      const { trace } = await runDocument(readDocument(scenarioOf(session), "session"));
      expect(trace.steps).toHaveLength(commands.length);
      expect(trace.final).toEqual(stateView(session.machine));
      expect(trace.steps.at(-1)?.at_ns).toBe(session.machine.nowNs);
    } finally {
      await session.close();
    }
  },
);

test("an open document's own steps come first, and what no step can say is named", async () => {
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
    await carryOut(session, { do: "write", blocks: [34], word: "online_movable" });
    await carryOut(session, { do: "write", blocks: [32, 34], word: "offline", background: true });
    await carryOut(session, { do: "insert", id: "", node: 0, size: "0", addr: "" });
    expect(scenarioOf(session)).toMatchObject({
      name: "open",
      steps: [
        { op: "online", blocks: "32" },
        { op: "block", n: 34, v: "online_movable" },
      ],
    });
    expect(session.did.unsaid).toEqual(["offline: blocks 32,34 &"]);
    expect(dimmsOf(session.machine).list()).toHaveLength(1);
  } finally {
    await session.close();
  }
});
