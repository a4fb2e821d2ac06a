import { containerMachine, containerSteps, memoryDeviceMachine, memoryDeviceSteps, qemuNamespace } from "@memhp/acpi";
import { type AnyActorRef, type AnyStateMachine, createActor } from "xstate";
import { describe, expect, test } from "vitest";
import { bench, HIGH, memoryDevice } from "./fake-kernel.ts";

type StateNode = AnyStateMachine["root"];

function statesOf(node: StateNode): StateNode[] {
  return Object.values(node.states).flatMap((child) => [child, ...statesOf(child)]);
}

function stepsOf(node: StateNode): unknown[] {
  return node.entry.map((action) => ((action as { params?: { step?: unknown } }).params ?? {}).step);
}

/** Every state that some state's transition leads to, and the initial ones. */
function reachable(root: StateNode): Set<StateNode> {
  const seen = new Set<StateNode>();
  const visit = (node: StateNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const target of node.initial.target ?? []) visit(target);
    for (let at: StateNode | undefined = node; at !== undefined; at = at.parent) {
      for (const transition of [...at.transitions.values()].flat())
        for (const target of transition.target ?? []) visit(target);
    }
  };
  visit(root);
  return seen;
}

describe.each([
  ["memoryDevice", memoryDeviceMachine as AnyStateMachine, memoryDeviceSteps],
  ["container", containerMachine as AnyStateMachine, containerSteps],
] as const)("%s", (_name, machine, steps) => {
  const ids = (states: readonly StateNode[]): string[] => states.map(({ id }) => id);
  const isLeaf = (state: StateNode): boolean => Object.keys(state.states).length === 0;

  test("every state says what it is", () => {
    expect(ids(statesOf(machine.root).filter(({ description }) => description?.endsWith(".") !== true))).toEqual([]);
  });

  test("every state is at rest or in transit, by itself or by its parent", () => {
    const isTagged = (state: StateNode | undefined): boolean =>
      state !== undefined && (state.tags.some((tag) => tag === "rest" || tag === "transit") || isTagged(state.parent));
    expect(ids(statesOf(machine.root).filter((state) => isLeaf(state) && !isTagged(state)))).toEqual([]);
  });

  test("every step belongs to a state, which waits for its end", () => {
    const performing = statesOf(machine.root).filter((state) => stepsOf(state).length > 0);
    expect(new Set(performing.flatMap((state) => stepsOf(state)))).toEqual(new Set(steps));
    expect(ids(performing.filter(({ transitions }) => !transitions.has("DONE")))).toEqual([]);
  });

  test("every state can be reached", () => {
    const found = reachable(machine.root);
    expect(ids(statesOf(machine.root).filter((state) => isLeaf(state) && !found.has(state)))).toEqual([]);
  });
});

test("a memory device's life, as its chart tells it to anybody who supplies the steps", () => {
  const steps: string[] = [];
  const machine = memoryDeviceMachine.provide({ actions: { perform: (_, { step }) => void steps.push(step) } });
  const actor = createActor(machine, { input: { path: "\\_SB_.MEM0" } });
  actor.start();
  actor.send({ type: "APPEAR" });
  actor.send({ type: "ATTACH" });
  actor.send({ type: "DONE" });
  actor.send({ type: "DONE" });
  expect(actor.getSnapshot().value).toBe("attached");
  actor.send({ type: "OFFLINE" });
  actor.send({ type: "FAILED", errno: "EBUSY", refusals: [] });
  expect(actor.getSnapshot().context.failure?.errno).toBe("EBUSY");
  actor.send({ type: "OFFLINE_AGAIN" });
  actor.send({ type: "DONE" });
  actor.send({ type: "DETACH", keepDriver: false });
  actor.send({ type: "DONE" });
  actor.send({ type: "VANISH" });
  expect(actor.getSnapshot().value).toBe("absent");
  expect(steps).toEqual(["read_resources", "add_memory", "offline_first_pass", "offline_second_pass", "remove_memory"]);
});

test("an event that a state does not expect is a bug of memhp, and says which", async () => {
  const { acpi } = bench("6.1", [memoryDevice("MEM0", HIGH, 1)]);
  const device = acpi.device("\\_SB_.MEM0");
  if (device?.kind !== "memory") throw new Error("no memory device");
  await expect(device.life.run({ type: "ROLL_BACK" })).rejects.toThrow(
    "memhp bug: \\_SB_.MEM0 in absent does not expect ROLL_BACK",
  );
});

test("an inspector follows each device by its path, from the first event on", async () => {
  const seen: string[] = [];
  const { acpi } = bench("6.1", [memoryDevice("MEM0", HIGH, 1)], {
    inspect: (event) => {
      if (event.type === "@xstate.transition" || event.type === "@xstate.snapshot")
        seen.push((event.actorRef as AnyActorRef).id);
    },
  });
  await acpi.boot();
  expect(new Set(seen)).toEqual(new Set(["\\_SB_.MEM0"]));
});

test("a slot that nobody filled has no actor", async () => {
  const { acpi } = bench("6.12", qemuNamespace(4096).devices);
  await acpi.boot();
  const slots = [...acpi.devices()].filter((device) => device.kind === "memory");
  expect(slots).toHaveLength(4096);
  expect(slots.filter(({ awake }) => awake)).toEqual([]);
});
