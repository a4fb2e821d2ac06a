import { type ConfigSetting, knownKeys, wholeNumber } from "@memhp/abi";
import { type BootHugepages, bootMemoryMap, bootStores, kernelMemory, type KernelPlacement } from "@memhp/engine";
import { snapshotNodes } from "@memhp/hotplug";
import { ConfigError, type Kernel, findKernel, kernelFor, withConfig } from "@memhp/kernels";
import { type Platform, platformOf } from "@memhp/platforms";
import { clockAtBoot } from "@memhp/shards";
import { nothingWritten } from "@memhp/sysfs";
import { type Board, deviceWindow, layOutBoard } from "../board/board.ts";
import { builtPlatform } from "../board/built-platform.ts";
import { checkBlocks } from "../doors/arguments.ts";
import { physicalMemoryAtBoot } from "../kernel/physical-memory.ts";
import { bootPools, hugepageSizes } from "../spec/hugepage-pools.ts";
import { bootAutoOnline, bootParameters, parseBootOptions } from "../spec/boot-options.ts";
import { type DeviceType, deviceTypes } from "@memhp/devices";
import { SpecError } from "@memhp/devices";
import type { MachineSpec } from "../spec/spec.ts";
import { boardImage } from "./board-image.ts";
import { IMAGE_FORMAT, type MachineImage } from "./machine-image.ts";
import { machineOptions } from "./machine-options.ts";

/** The kernel that boots, and what is not the description's to say. */
export interface BootOptions {
  /** The id of a kernel that memhp knows, or a kernel of the caller's own. */
  readonly kernel: string | Kernel;
  /** Switches that the kernel is built with instead of its own: `{ MEMORY_HOTREMOVE: false }`. */
  readonly config?: ConfigSetting;
  /** A platform of the caller's own instead of the one that `spec.arch` names. */
  readonly platform?: Platform;
  /** Kinds of memory devices that the machine may have; without it all that memhp has. */
  readonly devices?: readonly DeviceType[];
  /**
   * Boot blocks of which somebody has seen that they hold some of the kernel's own pages (`given` of a trace). By default these lie
   * where a kernel puts them: see `kernelMemory`.
   */
  readonly kernelBlocks?: readonly number[] | undefined;
  /** Seeds what loads draw; default 0. */
  readonly seed?: number;
}

/**
 * What a kernel makes of a board before it looks at devices: its memory, as an image to `start` from.
 * @throws SpecError for a machine it cannot boot on or a configuration that it cannot have, RangeError for an unknown kernel, TypeError for
 * an option that does not exist.
 */
export function boot(spec: MachineSpec, bootOptions: BootOptions): MachineImage {
  knownKeys("options", bootOptions, Object.keys(machineOptions));
  const {
    kernel,
    config,
    platform: named = platformOf(spec.arch),
    devices = deviceTypes,
    kernelBlocks,
    seed = 0,
  } = bootOptions;
  wholeNumber("seed", seed);
  if (kernelBlocks !== undefined) checkBlocks("kernelBlocks", kernelBlocks);
  const linux = configured(typeof kernel === "string" ? builtFor(kernel, named) : kernel, config);
  const platform = builtPlatform(named, linux);
  const options = parseBootOptions(spec.cmdline);
  const board = layOutBoard(linux, platform, spec, options, devices);
  const map = bootMemoryMap(board.layout);
  const stores = bootStores(
    map,
    kernelBlocks === undefined ? modelled(board, spec, options) : { kernelMemory: { blocks: kernelBlocks } },
  );
  return {
    format: IMAGE_FORMAT,
    kernel,
    ...(linux.configured === undefined ? {} : { config: linux.configured }),
    stage: "early",
    spec,
    board: boardImage(board),
    seed,
    memory: {
      nodes: snapshotNodes({ map, stores, places: new Map() }),
      groupPages: [],
      endPfn: 0,
      clock: clockAtBoot,
    },
    physical: physicalMemoryAtBoot(linux, spec, board, options),
    memmapHomes: [],
    freshZones: [],
    parameters: bootParameters(linux, options),
    autoOnline: bootAutoOnline(linux, options),
    injection: builtInInjection(board),
    notifiers: [],
    acpi: { methods: [], devices: [], profiles: [], forceRemove: false },
    groups: 0,
    devices: {},
    monitor: { backends: [], anonymousDevices: 0 },
    loads: [],
    written: nothingWritten(),
  };
}

/** @throws SpecError */
function configured(kernel: Kernel, config: ConfigSetting = {}): Kernel {
  try {
    return withConfig(kernel, config);
  } catch (error) {
    if (error instanceof ConfigError) throw new SpecError(error.message);
    throw error;
  }
}

/** @throws SpecError where the kernel is known and is not built for the platform, RangeError for an unknown one. */
function builtFor(name: string, { id }: Platform): Kernel {
  try {
    return kernelFor(name, id);
  } catch (error) {
    if (error instanceof RangeError && findKernel(name) !== undefined)
      throw new SpecError(`machine.arch: ${error.message}`);
    throw error;
  }
}

function modelled(
  { kernel: linux, layout, platform, devices }: Board,
  spec: MachineSpec,
  options: ReturnType<typeof parseBootOptions>,
): KernelPlacement {
  // max_possible_pfn: what SRAT says may be added.
  const canGrow = spec.slots > 0 && spec.maxMemoryBytes > spec.memoryBytes;
  const possibleEndPfn = canGrow ? deviceWindow(platform, spec, devices).end / 2 ** layout.arch.pageShift : 0;
  const pageKb = 2 ** layout.arch.pageShift / 1024;
  const wishes = linux.config.HUGETLBFS
    ? bootPools(linux, hugepageSizes(linux, layout.arch, spec, options), options)
    : [];
  const pools = wishes.map(({ sizeKb, ...rest }): BootHugepages => ({ pages: sizeKb / pageKb, ...rest }));
  return { kernelMemory: kernelMemory(layout, layout.kernel.boot.memory, possibleEndPfn, pools) };
}

function builtInInjection({ kernel: { config, machine } }: Board): MachineImage["injection"] {
  if (machine.errorInjection !== "built-in" || !config.MEMORY_NOTIFIER_ERROR_INJECT) return null;
  return { priority: 0, errors: { MEM_GOING_ONLINE: 0, MEM_GOING_OFFLINE: 0 } };
}
