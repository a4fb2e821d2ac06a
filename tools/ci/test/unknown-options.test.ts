import { createAcpi } from "../../../packages/acpi/src/index.ts";
import { hostImage } from "../../../packages/capture/src/index.ts";
import { captureHost } from "../../../packages/capture/src/node/index.ts";
import { dimmsOf } from "../../../packages/devices/src/index.ts";
import { toMermaid, toSvg } from "../../../packages/diagram/src/index.ts";
import { createHotplug } from "../../../packages/hotplug/src/index.ts";
import { attachInspector, createInspectionHub, createInspectionSource } from "../../../packages/inspect/src/index.ts";
import { openInspector } from "../../../packages/inspect/src/browser/index.ts";
import {
  boot,
  bootMachine,
  decodeImage,
  LiveClock,
  parseMachineSpec,
  planMachineOffline,
  qmpPortOf,
  start,
} from "../../../packages/machine/src/index.ts";
import { workerThreads } from "../../../packages/machine/src/node/index.ts";
import { mountMachine, serveFiles, startTestMachine } from "../../../packages/mount/src/node/index.ts";
import { createErrorInjector, createNotifierChain } from "../../../packages/notifier/src/index.ts";
import { createQmpClient, createQmpSession } from "../../../packages/qmp/src/index.ts";
import { serveQmp } from "../../../packages/qmp/src/node/index.ts";
import { runDocument } from "../../../packages/scenario/src/index.ts";
import { coordinateSweep, runFuzz, runSweep, serveSweeps } from "../../../packages/sweep/src/node/index.ts";
import { createTree, FileFaults, stubKernel } from "../../../packages/sysfs/src/index.ts";
import { OnlineAgent, UdevDaemon, WorkerPool } from "../../../packages/udev/src/index.ts";
import { expect, test } from "vitest";

const MACHINE = { memory: "1G", slots: 2, maxmem: "4G", smp: 1, nodes: [] };
const spec = parseMachineSpec(MACHINE);

/** Whoever takes options looks at them first, so nothing else needs to be there. */
const nothing = {} as never;
const odd = { seeed: 1 } as never;

const takesOptions: Readonly<Record<string, () => unknown>> = {
  attachInspector: () => attachInspector(odd),
  boot: () => boot(spec, odd),
  bootMachine: () => bootMachine(spec, odd),
  captureHost: () => captureHost("/nowhere", odd),
  coordinateSweep: () => coordinateSweep(nothing, odd),
  createAcpi: () => createAcpi(odd),
  createErrorInjector: () => createErrorInjector(odd),
  createHotplug: () => createHotplug(odd),
  createInspectionHub: () => createInspectionHub(odd),
  createInspectionSource: () => createInspectionSource(odd),
  createNotifierChain: () => createNotifierChain(odd),
  createQmpClient: () => createQmpClient(odd),
  createQmpSession: () => createQmpSession(nothing, odd),
  createTree: () => createTree(nothing, odd),
  decodeImage: () => decodeImage([], odd),
  fault: () => new FileFaults(() => 0).add(odd),
  hostImage: () => hostImage(nothing, odd),
  LiveClock: () => new LiveClock(nothing, odd),
  mountMachine: () => mountMachine(nothing, "/nowhere", odd),
  OnlineAgent: () => new OnlineAgent(nothing, () => [], odd),
  openInspector: () => openInspector(nothing, odd),
  parseMachineSpec: () => parseMachineSpec({ ...MACHINE, seeed: 1 }),
  planMachineOffline: () => planMachineOffline(nothing, odd),
  qmpPortOf: () => qmpPortOf(nothing, odd),
  runDocument: () => runDocument(nothing, odd),
  runFuzz: () => runFuzz(odd),
  runSweep: () => runSweep(nothing, odd),
  serveFiles: () => serveFiles(nothing, "/nowhere", odd),
  serveQmp: () => serveQmp(nothing, nothing, odd),
  serveSweeps: () => serveSweeps(odd),
  start: () => start(boot(spec, { kernel: "6.12" }), odd),
  startTestMachine: () => startTestMachine({ kernel: "6.12", seeed: 1 } as never),
  stubKernel: () => stubKernel(nothing, odd),
  toMermaid: () => toMermaid(nothing, odd),
  toSvg: () => toSvg(nothing, odd),
  UdevDaemon: () => new UdevDaemon(nothing, odd),
  WorkerPool: () => new WorkerPool(odd),
  workerThreads: () => workerThreads(odd),
};

test.each(Object.entries(takesOptions))("%s refuses an option that it does not have", async (_name, call) => {
  await expect((async () => call())()).rejects.toThrow(/seeed.*(not known|unknown|not a member).*/s);
});

test("what is asked of a machine has no unknown words either, and nothing has changed", async () => {
  const machine = await bootMachine(spec, { kernel: "6.12" });
  const load = { id: "a", kind: "anon", sizeBytes: 4096 } as const;
  const asked = [
    machine.pages.loads.start({ ...load, seeed: 1 } as never),
    machine.pages.loads.start({ ...load, policy: { mode: "bind", nodes: [0], seeed: 1 } } as never),
    machine.offline(0, { seeed: 1 } as never),
    machine.add({ start: 2 ** 33, size: 2 ** 27 }, { node: 0, seeed: 1 } as never),
    machine.inspect({ seeed: 1 } as never),
    dimmsOf(machine).insert({ id: "d", memdev: "m", sizeBytes: 2 ** 27, node: 0, seeed: 1 } as never),
  ];
  for (const each of asked) await expect(each).rejects.toThrow(/seeed: not known \(allowed: /);
  expect([machine.pages.loads.list(), dimmsOf(machine).list(), machine.nowNs]).toEqual([[], [], machine.nowNs]);
  await machine.close();
});
