import type { EventBody } from "@memhp/abi";
import { type Acpi, createAcpiViews } from "@memhp/acpi";
import { Prng } from "@memhp/engine";
import type { ShardSet } from "@memhp/shards";
import { type AddedFiles, createTree, FileFaults, type Tree, type Written } from "@memhp/sysfs";
import type { Board } from "./board/board.ts";
import { nodeDistance } from "./board/distances.ts";
import { DeviceActors } from "./devices/device-actors.ts";
import { deviceHost } from "./devices/device-host.ts";
import { MachineDevices } from "./devices/machine-devices.ts";
import { memoryTierFiles } from "./devices/memory-tiers.ts";
import { FileWriter } from "./doors/file-writer.ts";
import type { MachineImage } from "./image/machine-image.ts";
import { type MonitorState, restoreMonitor } from "./image/monitor-image.ts";
import { BootScan } from "./kernel/boot-scan.ts";
import { announcerOf } from "./kernel/announcers.ts";
import { driverKernel } from "./kernel/driver-kernel.ts";
import { FreshZones } from "./kernel/fresh-zones.ts";
import { MemoryHotplug } from "./kernel/memory-hotplug.ts";
import { PhysicalMemory } from "./kernel/physical-memory.ts";
import { StateChanges } from "./kernel/state-changes.ts";
import { MachinePages } from "./pages/machine-pages.ts";
import { PagesDoor } from "./pages/pages-door.ts";
import { type AcpiBus, createAcpiBus } from "./ports/acpi-bus.ts";
import { kernelFiles, type KernelState } from "./ports/kernel-files.ts";
import { type HotplugParameters, parseBootOptions } from "./spec/boot-options.ts";
import { TimeByHand } from "./time/by-hand.ts";
import { HotplugLock } from "./time/hotplug-lock.ts";
import type { Scheduler } from "./time/scheduler.ts";
import { createWorkQueue } from "./time/work-queue.ts";

/** What a machine is made of, joined; `Machine` is the door to it. */
export interface MachineParts {
  readonly image: Pick<MachineImage, "kernel" | "config" | "seed">;
  readonly scheduler: Scheduler;
  readonly lock: HotplugLock;
  readonly time: TimeByHand;
  readonly devices: MachineDevices;
  readonly actors: DeviceActors;
  readonly physical: PhysicalMemory;
  readonly memory: MemoryHotplug;
  readonly freshZones: FreshZones;
  readonly pages: MachinePages;
  readonly pagesDoor: PagesDoor;
  readonly states: StateChanges;
  readonly bus: AcpiBus;
  readonly bootScan: BootScan;
  readonly monitor: MonitorState;
  /** What was written into files that only keep it. */
  readonly written: Written;
  readonly kernelFiles: ReturnType<typeof kernelFiles>;
  /** /sys, /proc and debugfs, as the kernel has them. */
  readonly tree: Tree;
  readonly faults: FileFaults;
  readonly faultDraws: Prng;
  readonly writer: FileWriter;
  /** Callbacks of the host program on the chain, in the order of their registration. */
  readonly notifiers: { readonly name: string; readonly priority: number }[];
}

/** So that faults and loads draw different numbers from one seed. */
const FAULTS = 0xfa17;

/** Joins shards, kernel, firmware, devices and files to a machine. @throws SpecError, ImageError */
export function assemble(
  image: MachineImage,
  board: Board,
  shards: ShardSet,
  parameters: HotplugParameters,
  scheduler: Scheduler,
): MachineParts {
  const { spec } = image;
  const { kernel } = board;
  const { map } = shards;
  const options = parseBootOptions(spec.cmdline);
  const emit = (body: EventBody): void => shards.emit(body);
  const log = (text: string): void => shards.emit({ type: "log", level: 6, text });
  const nowNs = (): number => shards.clock.nowNs;
  const lock = new HotplugLock(scheduler);
  const actors = new DeviceActors();
  const host = deviceHost({
    board,
    spec,
    acpi: () => bus.acpi,
    dlpar: () => announcerOf(board.platform)?.port({ board, memory: () => memory, log }),
    lock,
    actors,
    start: (name, body, caller = {}) => scheduler.start(caller.name ?? name, body, caller),
    kernelRan: () => somebodyRan(),
    driver: driverKernel(board, () => ({
      shards,
      scheduler,
      lock,
      memory,
      physical,
      registerGroup: () => bus.registerGroup(),
      log,
      loads: () => pages.loads,
      passLoads: async () => {
        await pages.loads.pass();
      },
    })),
    emit,
    tell: (refusal, caller) => writer.tell(refusal, caller),
  });
  const devices = new MachineDevices(board.devices, host, spec.devices, image.devices);
  const pluggedMemory = () => devices.memory();
  const physical = new PhysicalMemory(board, spec, image.physical);
  const freshZones = freshZonesOf(image, board, shards);
  const pages = new MachinePages({
    kernel,
    shards,
    board,
    image,
    distance: nodeDistance(board, spec),
    setAlarm: scheduler.setAlarm.bind(scheduler),
    used: (node) => freshZones.used(node),
  });
  const memory = new MemoryHotplug(shards, board, physical, parameters, options, pages, image, freshZones);
  const somebodyRan = (): Promise<void> => {
    pages.loads.noteOthers();
    return freshZones.ran();
  };
  lock.onHold = somebodyRan;
  const passLoads = (): Promise<void> => pages.loads.pass();
  const states = new StateChanges({ kernel, shards, memory, scheduler, lock, passLoads });
  const bootScan = new BootScan();
  const bus = createAcpiBus(
    {
      kernel,
      devices,
      actors,
      map,
      board,
      shards,
      emit,
      log,
      memoryRefused: (range, refusal) => bootScan.memoryRefused(range, refusal, pluggedMemory()),
    },
    memory,
    { lock, queue: createWorkQueue(scheduler, lock) },
    options.acpiNoMemhotplug,
    image,
  );
  const pagesDoor = new PagesDoor(pages, scheduler);
  const time = new TimeByHand({ scheduler, lock, nowNs, afterwards: () => pagesDoor.loads.pass() });
  const written: Written = { ...image.written, autoprobe: { ...image.written.autoprobe } };
  const state: KernelState = {
    kernel,
    board,
    map,
    parameters,
    spec,
    pageSize: 2 ** board.arch.pageShift,
    shards,
    dlpar: announcerOf(board.platform)?.door({ board, memory: () => memory, lock, log, pluggedMemory }),
    emit,
    log,
    firmwareNode: (block) => firmwareNode(bus.acpi, block),
    get iomem() {
      return physical.iomem;
    },
    get firmwareMemmap() {
      return physical.firmwareMemmap;
    },
    get autoOnline() {
      return memory.autoOnline;
    },
    set autoOnline(value) {
      memory.autoOnline = value;
    },
  };
  const files = kernelFiles(state, pages, states, written, image.injection);
  const tiers = memoryTierFiles(kernel, map, () => devices.slowBlocks());
  const ofDevices = devices.files;
  const added: AddedFiles = () => ({ ...tiers(), ...ofDevices?.() });
  const tree = createTree(files, {
    ...(board.platform.announces === "acpi" ? { acpi: createAcpiViews(bus.acpi) } : {}),
    added,
  });
  const faultDraws = new Prng(image.faults?.draws ?? image.seed ^ FAULTS);
  const faults = new FileFaults(() => faultDraws.next(), image.faults?.files);
  const writer = new FileWriter({ files: tree, faults, scheduler, nowNs, emit });
  return {
    image,
    scheduler,
    lock,
    time,
    devices,
    actors,
    physical,
    memory,
    freshZones,
    pages,
    pagesDoor,
    states,
    bus,
    bootScan,
    monitor: restoreMonitor(image.monitor),
    written,
    kernelFiles: files,
    tree,
    faults,
    faultDraws,
    writer,
    notifiers: [],
  };
}

function freshZonesOf({ freshZones }: Pick<MachineImage, "freshZones">, board: Board, shards: ShardSet): FreshZones {
  const take = (block: number, node: number) => shards.work([{ op: "kernel_page", node, block }]);
  const busyNodes = new Set(board.layout.nodes.flatMap(({ node, cpus }) => (cpus.length > 0 ? [node] : [])));
  const { freshZone } = board.kernel.machine;
  return new FreshZones({ map: shards.map, busyNodes, take }, freshZone, freshZones);
}

/** Path of the device that a block is bound to, relative to the block's directory. */
function firmwareNode(acpi: Acpi, block: number): string | undefined {
  const devpath = acpi.companionOf(block)?.node.devpath;
  return devpath === undefined ? undefined : `../../..${devpath.slice("/devices".length)}`;
}
