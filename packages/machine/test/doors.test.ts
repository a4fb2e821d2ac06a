import { describe, expect, test } from "vitest";
import { containersOf, dimmsOf } from "@memhp/devices";
import { bootMachine, type Machine, offlineOutlook, planMachineOffline, snapshot, start } from "../src/index.ts";
import { FIRST, lab, MIB } from "./lab.ts";

/** One argument of a door, given as whatever a stranger may hand in. */
interface Door {
  /** What the error must name. */
  readonly names: string;
  readonly call: (machine: Machine, value: never) => unknown;
  /** Hostile values that this argument may have. */
  readonly takes?: readonly unknown[];
}

const huge = Array.from({ length: 2 ** 20 }, (_, i) => i);
const nothing = undefined as never;
const hostile: readonly unknown[] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -1,
  0.5,
  1e300,
  "foo",
  "",
  null,
  nothing,
  {},
  [],
  huge,
  Symbol("s"),
  10n,
];

const range = { start: FIRST * 128 * MIB, size: 128 * MIB };
const load = { id: "a", kind: "anon", sizeBytes: MIB } as const;
const dimm = { id: "d9", memdev: "m9", sizeBytes: 128 * MIB, node: 0 };
const someText = ["foo", ""];

const doors: Readonly<Record<string, Door>> = {
  "online(block)": { names: "online: block", call: (m, v) => m.online(v, "online") },
  "online(type)": { names: "online: type", call: (m, v) => m.online(FIRST, v) },
  "online(caller)": { names: "online: caller", call: (m, v) => m.online(FIRST, "online", v), takes: [nothing, {}] },
  "online(caller.name)": {
    names: "online: caller.name",
    call: (m, name) => m.online(777, "online", { name }),
    takes: [...someText, nothing],
  },
  "offline(block)": { names: "offline: block", call: (m, v) => m.offline(v) },
  "offline(caller.signalAtNs)": {
    names: "offline: caller.signalAtNs",
    call: (m, signalAtNs) => m.offline(FIRST, { signalAtNs }),
    takes: [nothing, Number.POSITIVE_INFINITY],
  },
  "offline(caller.signal)": {
    names: "offline: caller.signal",
    call: (m, signal) => m.offline(FIRST, { signal }),
    takes: [nothing],
  },
  "bulk(op)": { names: "bulk: op", call: (m, v) => m.bulk(v, [FIRST]) },
  "bulk(blocks)": { names: "bulk: blocks", call: (m, v) => m.bulk("online", v), takes: [[]] },
  "bulk(blocks[1])": { names: "bulk: blocks[1]", call: (m, v) => m.bulk("online", [FIRST, v]) },
  "bulk(type)": { names: "bulk: type", call: (m, v) => m.bulk("online", [FIRST], v), takes: [nothing] },
  "markUnmovable(blocks)": { names: "markUnmovable: blocks", call: (m, v) => m.markUnmovable(v, true), takes: [[]] },
  "markUnmovable(unmovable)": { names: "markUnmovable: unmovable", call: (m, v) => m.markUnmovable([FIRST], v) },
  "registerNotifier(name)": {
    names: "registerNotifier: name",
    call: (m, v) => m.registerNotifier(v, 0, () => 1),
    takes: ["foo"],
  },
  "registerNotifier(priority)": {
    names: "registerNotifier: priority",
    call: (m, v) => m.registerNotifier("x", v, () => 1),
    takes: [-1],
  },
  "registerNotifier(callback)": { names: "registerNotifier: callback", call: (m, v) => m.registerNotifier("x", 0, v) },
  "inspect(options)": { names: "inspect", call: (m, v) => m.inspect(v), takes: [{}] },
  "inspect(limit)": { names: "inspect: limit", call: (m, limit) => m.inspect({ limit }), takes: [nothing] },
  "write(path)": { names: "write: path", call: (m, v) => m.write(v, "1"), takes: someText },
  "write(data)": { names: "write: data", call: (m, v) => m.write("/nowhere", v), takes: someText },
  "files.write(data)": { names: "files.write: data", call: (m, v) => m.files.write("/nowhere", v), takes: someText },
  "files.readRange(path)": {
    names: "files.readRange: path",
    call: (m, v) => m.files.readRange(v, 0, 8),
    takes: someText,
  },
  "files.readRange(offset)": {
    names: "files.readRange: offset",
    call: (m, v) => m.files.readRange("/proc/kpageflags", v, 8),
  },
  "files.readRange(length)": {
    names: "files.readRange: length",
    call: (m, v) => m.files.readRange("/proc/kpageflags", 0, v),
  },
  "at(atNs)": { names: "at: atNs", call: (m, v) => m.at(v, "x", async () => {}) },
  "at(run)": { names: "at: run", call: (m, v) => m.at(0, "x", v) },
  "wait(ns)": { names: "wait", call: (m, v) => m.wait(v) },
  "passUntil(task)": { names: "passUntil", call: (m, v) => m.passUntil(v, 1) },
  "passUntil(atMostNs)": {
    names: "passUntil",
    call: (m, v) => m.passUntil(m.idle(), v),
    takes: [Number.POSITIVE_INFINITY],
  },
  "finish(task)": { names: "finish", call: (m, v) => m.finish(v) },
  "probe(address)": { names: "probe: address", call: (m, v) => m.probe(v) },
  "add(range)": { names: "add: range", call: (m, v) => m.add(v, { node: 0 }) },
  "add(range.start)": { names: "add: range.start", call: (m, start) => m.add({ ...range, start }, { node: 0 }) },
  "add(range.size)": { names: "add: range.size", call: (m, size) => m.add({ ...range, size }, { node: 0 }) },
  "add(node)": { names: "add: options.node", call: (m, node) => m.add(range, { node }), takes: [-1] },
  "add(group)": { names: "add: options.group", call: (m, group) => m.add(range, { node: 0, group }), takes: [nothing] },
  "add(resourceName)": {
    names: "add: options.resourceName",
    call: (m, resourceName) => m.add(range, { node: 0, resourceName }),
    takes: [...someText, nothing],
  },
  ...Object.fromEntries(
    ["memmapOnMemory", "groupIsRegistered", "mergesResource"].map((name): [string, Door] => [
      `add(${name})`,
      {
        names: `add: options.${name}`,
        call: (m, value) => m.add(range, { node: 0, [name]: value }),
        takes: [nothing],
      },
    ]),
  ),
  "add(withheld)": {
    names: "add: options.withheld",
    call: (m, withheld) => m.add(range, { node: 0, withheld }),
    takes: [nothing, []],
  },
  "add(withheld.nrPages)": {
    names: "add: options.withheld[0].nrPages",
    call: (m, nrPages) => m.add(range, { node: 0, withheld: [{ startPfn: 0, nrPages, owner: "x" }] }),
  },
  "planMachineOffline(goal)": { names: "goal", call: (m, goal) => planMachineOffline(m, goal) },
  "planMachineOffline(goal.count)": { names: "goal.count", call: (m, count) => planMachineOffline(m, { count }) },
  "planMachineOffline(goal.blocks)": {
    names: "goal.blocks",
    call: (m, blocks) => planMachineOffline(m, { blocks }),
    takes: [[]],
  },
  "offlineOutlook(blocks)": {
    names: "offlineOutlook: blocks",
    call: (m, blocks) => offlineOutlook(m, blocks),
    takes: [[]],
  },
  "remove(range.start)": { names: "remove: range.start", call: (m, start) => m.remove({ ...range, start }) },
  "offlineAndRemove(range.size)": {
    names: "offlineAndRemove: range.size",
    call: (m, size) => m.offlineAndRemove({ ...range, size }),
  },
  "blocksOf(range)": { names: "blocksOf: range", call: (m, v) => m.blocksOf(v) },
  "loadErrorInjection(priority)": {
    names: "loadErrorInjection: priority",
    call: (m, v) => m.loadErrorInjection(v),
    takes: [-1],
  },
  autoOnline: { names: "autoOnline", call: (m, v) => void (m.autoOnline = v) },
  "listen(listener)": { names: "listen", call: (m, v) => m.listen(v) },
  "device(type)": { names: "device", call: (m, v) => m.device(v) },
  "loads.start(load)": { names: "loads.start: load", call: (m, v) => m.pages.loads.start(v) },
  "loads.start(id)": { names: "load.id", call: (m, id) => m.pages.loads.start({ ...load, id }), takes: ["foo"] },
  "loads.start(kind)": { names: "load.kind", call: (m, kind) => m.pages.loads.start({ ...load, kind }) },
  "loads.start(sizeBytes)": {
    names: "load.sizeBytes",
    call: (m, sizeBytes) => m.pages.loads.start({ ...load, sizeBytes }),
  },
  "loads.start(policy)": {
    names: "load.policy",
    call: (m, policy) => m.pages.loads.start({ ...load, policy }),
    takes: [nothing],
  },
  "loads.start(policy.nodes)": {
    names: "load.policy.nodes",
    call: (m, nodes) => m.pages.loads.start({ ...load, policy: { mode: "bind", nodes } }),
    takes: [[]],
  },
  "loads.start(policy.nodes[0])": {
    names: "load.policy.nodes[0]",
    call: (m, node) => m.pages.loads.start({ ...load, policy: { mode: "bind", nodes: [node] } }),
  },
  "loads.start(churn.fraction)": {
    names: "load.churn.fraction",
    call: (m, fraction) => m.pages.loads.start({ ...load, churn: { fraction, everyNs: 1 } }),
    takes: [0.5],
  },
  "loads.start(churn.everyNs)": {
    names: "load.churn.everyNs",
    call: (m, everyNs) => m.pages.loads.start({ ...load, churn: { fraction: 0.5, everyNs } }),
  },
  "loads.start(lifetimeNs)": {
    names: "load.lifetimeNs",
    call: (m, lifetimeNs) => m.pages.loads.start({ ...load, lifetimeNs }),
    takes: [nothing],
  },
  "loads.end(id)": { names: "loads.end: id", call: (m, v) => m.pages.loads.end(v), takes: someText },
  "pages.reference(pfn)": { names: "pages.reference: pfn", call: (m, v) => m.pages.reference(v, 1) },
  "pages.reference(change)": { names: "pages.reference: change", call: (m, v) => m.pages.reference(0, v), takes: [-1] },
  "pages.offlinePage(kind)": { names: "pages.offlinePage: kind", call: (m, v) => m.pages.offlinePage(v, 0) },
  "pages.offlinePage(address)": { names: "pages.offlinePage: address", call: (m, v) => m.pages.offlinePage("soft", v) },
  "pages.setHugepages(node)": {
    names: "pages.setHugepages: node",
    call: (m, v) => m.pages.setHugepages(v, 2048, 0),
    takes: [nothing],
  },
  "pages.setHugepages(sizeKb)": { names: "pages.setHugepages: sizeKb", call: (m, v) => m.pages.setHugepages(0, v, 1) },
  "pages.setHugepages(count)": { names: "pages.setHugepages: count", call: (m, v) => m.pages.setHugepages(0, 2048, v) },
  "pages.dropCaches(what)": { names: "pages.dropCaches: what", call: (m, v) => m.pages.dropCaches(v) },
  "pages.runs(startPfn)": { names: "pages.runs: startPfn", call: (m, v) => m.pages.runs(v, 1) },
  "pages.runs(count)": { names: "pages.runs: count", call: (m, v) => m.pages.runs(0, v) },
  "pages.survey(blocks)": { names: "pages.survey: blocks", call: (m, v) => m.pages.survey(v), takes: [[]] },
  "pages.survey(blocks[0])": { names: "pages.survey: blocks[0]", call: (m, v) => m.pages.survey([v]) },
  "dimms.insert(request)": { names: "dimms.insert: request", call: (m, v) => dimmsOf(m).insert(v) },
  "dimms.insert(id)": { names: "request.id", call: (m, id) => dimmsOf(m).insert({ ...dimm, id }), takes: ["foo"] },
  "dimms.insert(sizeBytes)": {
    names: "request.sizeBytes",
    call: (m, sizeBytes) => dimmsOf(m).insert({ ...dimm, sizeBytes }),
  },
  "dimms.insert(node)": { names: "request.node", call: (m, node) => dimmsOf(m).insert({ ...dimm, node }) },
  "dimms.insert(slot)": {
    names: "request.slot",
    call: (m, slot) => dimmsOf(m).insert({ ...dimm, slot }),
    takes: [-1, nothing],
  },
  "dimms.insert(addr)": {
    names: "request.addr",
    call: (m, addr) => dimmsOf(m).insert({ ...dimm, addr }),
    takes: [10n, nothing],
  },
  "dimms.eject(id)": { names: "dimms.eject: id", call: (m, v) => dimmsOf(m).eject(v), takes: someText },
  "containers.insert(id)": {
    names: "containers.insert: id",
    call: (m, v) => containersOf(m).insert(v, 0),
    takes: someText,
  },
  "containers.insert(value)": { names: "containers.insert: value", call: (m, v) => containersOf(m).insert("c", v) },
  "containers.eject(id)": { names: "containers.eject: id", call: (m, v) => containersOf(m).eject(v), takes: someText },
};

/** What a call threw or rejected with. */
async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

function isTaken({ takes = [] }: Door, value: unknown): boolean {
  return takes.some(
    (each) => Object.is(each, value) || (typeof each === "object" && isEmpty(each) && isAlike(each, value)),
  );
}
function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
function isAlike(a: unknown, b: unknown): boolean {
  return isEmpty(b) && Array.isArray(a) === Array.isArray(b);
}

describe("what a stranger hands in is refused by name, and the machine stays as it was", () => {
  test.for(["4.1", "6.12"])("on %s, at every door", async (kernel) => {
    const { machine, events } = await lab(kernel);
    const before = await snapshot(machine);
    events.length = 0;
    const missed: string[] = [];
    for (const [name, door] of Object.entries(doors)) {
      for (const value of hostile) {
        if (isTaken(door, value)) continue;
        const failure = await failureOf(() => door.call(machine, value as never));
        const isGood =
          (failure instanceof RangeError || failure instanceof TypeError) && failure.message.includes(door.names);
        if (!isGood) missed.push(`${name} of ${String(value).slice(0, 20)}: ${String(failure)}`);
      }
    }
    expect(missed).toEqual([]);
    expect(events).toEqual([]);
    expect(await snapshot(machine)).toEqual(before);
    expect(await machine.online(FIRST, "online")).toEqual({ ok: true, value: "changed" });
  });
});

describe("what is allowed but cannot be, the kernel refuses", () => {
  test.for(["4.1", "6.12"])("blocks that do not exist answer ENODEV on %s", async (kernel) => {
    const { machine } = await lab(kernel);
    const sizeBefore = machine.map.blocks.size;
    for (const block of [777, Number.MAX_SAFE_INTEGER]) {
      expect(await machine.online(block, "online")).toMatchObject({ ok: false, refusal: { errno: "ENODEV", block } });
      expect(await machine.offline(block)).toMatchObject({ ok: false, refusal: { errno: "ENODEV", block } });
    }
    expect(machine.map.blocks.size).toBe(sizeBefore);
    await expect(machine.markUnmovable([FIRST, 777], true)).rejects.toThrow(
      "markUnmovable: blocks[1]: expected a block that exists, found 777",
    );
    await expect(planMachineOffline(machine, { blocks: [FIRST, 777] })).rejects.toThrow(
      "goal.blocks[1]: expected a block that exists, found 777",
    );
    await expect(machine.pages.survey([777])).rejects.toThrow("expected a block that exists, found 777");
    expect(await machine.online(FIRST, "online")).toEqual({ ok: true, value: "changed" });
  });

  test.for(["4.1", "6.12"])("the largest numbers there are end at once on %s", async (kernel) => {
    const { machine } = await lab(kernel);
    const most = Number.MAX_SAFE_INTEGER;
    expect(await machine.add({ start: range.start, size: 2 ** 64 }, { node: 0 })).toMatchObject({ ok: false });
    expect(await machine.probe(2 ** 64)).toMatchObject({ ok: false });
    expect(machine.blocksOf({ start: 0, size: 2 ** 64 })).toEqual([...machine.map.blocks.ids()]);
    expect(await machine.offlineAndRemove({ start: range.start, size: 2 ** 63 })).toEqual({
      ok: true,
      value: undefined,
    });
    expect(machine.map.blocks.has(FIRST)).toBe(false);
    const runs = await machine.pages.runs(0, most);
    expect(runs.reduce((sum, { count }) => sum + count, 0)).toBe(most);
    expect(await machine.pages.loads.start({ ...load, sizeBytes: most })).toMatchObject({
      ok: false,
      refusal: { errno: "ENOMEM" },
    });
    expect(await machine.pages.offlinePage("soft", 2 ** 64)).toMatchObject({ ok: false, refusal: { errno: "ENXIO" } });
    await machine.pages.setHugepages(undefined, 2048, most);
    expect(await machine.pages.audit()).toEqual([]);
  });
});

describe("options of a boot", () => {
  test.for(["seed", "workers", "kernelBlocks"])("%s", async (option) => {
    const { spec } = (await lab("6.1")).machine;
    for (const value of hostile) {
      if (value === undefined || (option === "kernelBlocks" && Array.isArray(value) && isEmpty(value))) continue;
      const failure = await failureOf(() => bootMachine(spec, { kernel: "6.1", [option]: value }));
      expect(failure).toBeInstanceOf(Error);
      expect((failure as Error).message).toContain(option);
      expect((failure as Error).message).not.toContain("memhp bug");
    }
  });
});

test("what is handed in and changed afterwards changes nothing", async () => {
  const { machine } = await lab("6.12");
  const mine = { ...load, policy: { mode: "bind" as const, nodes: [1] } };
  const started = machine.pages.loads.start(mine);
  mine.policy.nodes[0] = 777;
  expect(await started).toMatchObject({ ok: true, value: { policy: { nodes: [1] } } });
  expect((await start(await snapshot(machine))).pages.loads.list()).toHaveLength(1);
});
