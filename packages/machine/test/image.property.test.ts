import { builds } from "@memhp/kernels";
import { type SimEvent } from "@memhp/abi";
import fc from "fast-check";
import { kernelIds } from "../../../tools/conformance/src/kernels.ts";
import { expect, test } from "vitest";
import { keptWorkers as workerFactory } from "../../../tools/conformance/src/kept-workers.ts";
import {
  bootMachine,
  type Machine,
  type MachineImage,
  type MachineSpec,
  parseMachineSpec,
  snapshot,
  start,
} from "../src/index.ts";
import { type HotplugLab, type HotplugUse, hotplugUse, SLOTS, useHotplug } from "./hotplug-use.ts";
import { memoryUse, type MemoryUse, useMemory } from "./memory-use.ts";

/** Nodes with and without memory, and two that come with containers. */
const spec = parseMachineSpec({
  machine: "pc",
  memory: "1G",
  slots: SLOTS,
  maxmem: "8G",
  smp: 3,
  nodes: [
    { nodeid: 0, mem: "512M", cpus: "0" },
    { nodeid: 1, mem: "512M", cpus: "1" },
    { nodeid: 2, cpus: "2" },
  ],
  cmdline: "hugepages=8",
  containers: [
    {
      id: "c0",
      node: 3,
      memory: [{ id: "cm0", size: "256M" }],
      containers: [{ id: "c1", node: 4, memory: [{ id: "cm1", size: "128M" }] }],
    },
  ],
});

const MEMORY = "/sys/devices/system/memory";
const MODULE = "/sys/module/memory_hotplug/parameters";
const INJECT = "/sys/kernel/debug/notifier-error-inject/memory/actions";

/** Switches of the kernel, and an offline that goes on while something else is done. */
type Other =
  | { readonly do: "write"; readonly path: string; readonly data: string }
  | { readonly do: "inject"; readonly priority: number }
  | { readonly do: "background"; readonly pick: number; readonly ns: number };

const other: fc.Arbitrary<Other> = fc.oneof(
  fc
    .constantFrom(
      [`${MEMORY}/auto_online_blocks`, "online"],
      [`${MEMORY}/auto_online_blocks`, "online_movable"],
      [`${MEMORY}/auto_online_blocks`, "offline"],
      [`${MODULE}/online_policy`, "auto-movable"],
      [`${MODULE}/online_policy`, "contig-zones"],
      [`${MODULE}/auto_movable_ratio`, "50"],
      [`${INJECT}/MEM_GOING_ONLINE/error`, "-12"],
      [`${INJECT}/MEM_GOING_OFFLINE/error`, "-5"],
      [`${INJECT}/MEM_GOING_OFFLINE/error`, "0"],
      [`${INJECT}/MEM_GOING_ONLINE/error`, "0"],
      ["/sys/bus/memory/drivers_autoprobe", "0"],
    )
    .map(([path, data]) => ({ do: "write" as const, path: path as string, data: data as string })),
  fc.record({ do: fc.constant("inject" as const), priority: fc.integer({ min: -5, max: 5 }) }),
  fc.record({ do: fc.constant("background" as const), pick: fc.nat(63), ns: fc.integer({ min: 1, max: 5e9 }) }),
);

async function doOther(machine: Machine, step: Other): Promise<unknown> {
  if (step.do === "write") return machine.write(step.path, step.data);
  if (step.do === "inject") return machine.loadErrorInjection(step.priority);
  const blocks = [...machine.map.blocks.ids()];
  machine.holdTime();
  const offlining = machine.write(`${MEMORY}/memory${blocks[step.pick % blocks.length]}/state`, "offline", {
    signalAtNs: machine.nowNs + 60e9,
  });
  await machine.passUntil(offlining, step.ns);
  await machine.passUntil(offlining, 600e9);
  return offlining;
}

type Step =
  | { readonly as: "memory"; readonly use: MemoryUse }
  | { readonly as: "hotplug"; readonly use: HotplugUse }
  | { readonly as: "other"; readonly use: Other };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: memoryUse.map((use) => ({ as: "memory" as const, use })) },
  { weight: 4, arbitrary: hotplugUse.map((use) => ({ as: "hotplug" as const, use })) },
  { weight: 2, arbitrary: other.map((use) => ({ as: "other" as const, use })) },
);

/** A machine under steps, with all that it told. */
class Run {
  readonly told: string[] = [];
  lab!: HotplugLab;

  take(machine: Machine): this {
    this.lab = { machine, events: [], ejects: 0 };
    machine.listen((event: SimEvent) => this.told.push(JSON.stringify(event)));
    return this;
  }

  async play(steps: readonly Step[], from: number, to: number): Promise<void> {
    for (const [offset, { as, use }] of steps.slice(from, to).entries()) {
      const i = from + offset;
      const { machine } = this.lab;
      const answer =
        as === "memory"
          ? await useMemory(machine, use, i)
          : as === "hotplug"
            ? await useHotplug(this.lab, use, i)
            : await doOther(machine, use);
      this.told.push(JSON.stringify(answer) ?? "");
      if (answer === "stuck") throw new Error("an eject never ends");
    }
  }

  /** All that can be seen of the machine besides. */
  async end(): Promise<string[]> {
    const { machine } = this.lab;
    await machine.idle();
    const image = JSON.stringify(await snapshot(machine));
    const files = ["/proc/zoneinfo", "/proc/pagetypeinfo", "/proc/iomem", "/proc/vmstat", "/proc/meminfo"].map(
      (path) => {
        const read = machine.files.read(path);
        return read.ok ? read.value : read.refusal.errno;
      },
    );
    await machine.close();
    return [...this.told, ...files.map(String), image];
  }
}

/** Ways by which an image may go. */
const ways: ((image: MachineImage) => MachineImage)[] = [
  (image) => structuredClone(image),
  (image) => JSON.parse(JSON.stringify(image)) as MachineImage,
];

/** A build's board, with two nodes that have memory; without slots no DIMM comes. */
const boardOf = (arch: string): MachineSpec =>
  parseMachineSpec({
    arch,
    memory: "1G",
    smp: 3,
    nodes: [
      { nodeid: 0, mem: "512M", cpus: "0" },
      { nodeid: 1, mem: "512M", cpus: "1" },
      { nodeid: 2, cpus: "2" },
    ].slice(0, hasOneNode(arch) ? 0 : 3),
  });

/** s390x has one node (facts §1.2). */
const hasOneNode = (arch: string): boolean => arch === "s390x";

const onBlocks: fc.Arbitrary<Step> = step.filter(
  ({ as, use }) => as !== "hotplug" || ["online", "offline", "hold", "probe"].includes(use.do),
);

const onNode0 = onBlocks.map(
  (each) => ("node" in each.use ? { ...each, use: { ...each.use, node: 0 } } : each) as Step,
);

const cases = [
  ...kernelIds.flatMap((id, i) => [
    { kernel: id, board: spec, steps: step, workers: 0, numRuns: 8, seed: 500 + i },
    { kernel: id, board: spec, steps: step, workers: 3, numRuns: 2, seed: 600 + i },
  ]),
  ...builds.flatMap(({ id, build }, i) => {
    const board = boardOf(build?.platform ?? "");
    const steps = hasOneNode(build?.platform ?? "") ? onNode0 : onBlocks;
    return { kernel: id, board, steps, workers: i === 1 ? 3 : 0, numRuns: i === 1 ? 1 : 4, seed: 700 + i };
  }),
];

test.for(cases)(
  "$kernel: stopped anywhere and started again on $workers workers, a machine goes on byte for byte (DESIGN law 7)",
  { timeout: 60_000 },
  async ({ kernel, board, steps: among, workers, numRuns, seed }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(among, { minLength: 8, maxLength: 30 }),
        fc.nat(),
        fc.constantFrom(...ways),
        fc.boolean(),
        async (steps, at, way, isBusy) => {
          const boot = (): Promise<Machine> =>
            bootMachine(board, { kernel, kernelBlocks: isBusy ? undefined : [], seed: 3 });
          const whole = new Run().take(await boot());
          await whole.play(steps, 0, steps.length);

          const stop = at % (steps.length + 1);
          const run = new Run().take(await boot());
          await run.play(steps, 0, stop);
          await run.lab.machine.idle();
          const image = way(await snapshot(run.lab.machine));
          await run.lab.machine.close();
          run.take(await start(image, { workers, workerFactory }));
          await run.play(steps, stop, steps.length);
          expect(await run.end()).toEqual(await whole.end());
        },
      ),
      { seed, numRuns },
    );
  },
);
