import { formatSize, isPowerOfTwo, type Refusal, type Task } from "@memhp/abi";
import type { MemoryDriverRules } from "@memhp/hotplug";
import type { ByteRange } from "@memhp/platforms";
import { type Actor, createActor } from "xstate";
import type { DeviceHost } from "../device-type.ts";
import { bigBlockMode } from "./big-block-mode.ts";
import { addNew, addUnused, type Mode, type PassEnd, type Work } from "./driver-parts.ts";
import { subBlockMode } from "./sub-block-mode.ts";
import { Units } from "./units.ts";
import type { DriverImage, ModuleImage } from "./virtio-mem-image.ts";
import { RETRY_MIN_MS, type VirtioMemEvent, virtioMemMachine, type VirtioMemStep } from "./virtio-mem-machine.ts";
import { stopped } from "./why-stopped.ts";

const NS_PER_MS = 1e6;
/** VIRTIO_MEM_DEFAULT_OFFLINE_THRESHOLD. */
const OFFLINE_THRESHOLD = 2 ** 30;

/** What the driver sees of its device. */
export interface DrivenDevice {
  readonly id: string;
  readonly region: ByteRange;
  /** Proximity domain. */
  readonly node: number;
  readonly blockBytes: number;
  /** `requested-size`. */
  readonly requestedBytes: number;
}

/** What each pass of the statechart does. */
const PASSES: Readonly<Partial<Record<VirtioMemStep, (mode: Mode, work: Work) => Promise<PassEnd>>>> = {
  fill_kernel: (mode, work) => mode.fill(work, "kernel"),
  fill_movable: (mode, work) => mode.fill(work, "movable"),
  fill_offline: (mode, work) => mode.fill(work, "offline"),
  add_unused: (mode, work) => addUnused(work, mode),
  add_new: (mode, work) => addNew(work, mode),
  unplug_offline_partly: (mode, work) => mode.unplug(work, "offline", true),
  unplug_offline: (mode, work) => mode.unplug(work, "offline", false),
  unplug_movable_partly: (mode, work) => mode.unplug(work, "movable", true),
  unplug_kernel_partly: (mode, work) => mode.unplug(work, "kernel", true),
  unplug_movable: (mode, work) => mode.unplug(work, "movable", false),
  unplug_kernel: (mode, work) => mode.unplug(work, "kernel", false),
};

type Rules = NonNullable<MemoryDriverRules["virtioMem"]>;

/** Linux's driver of one virtio-mem device. Its work runs in a kernel thread, step by step as its statechart says. */
export class VirtioMemDriver {
  readonly #host: DeviceHost;
  readonly #device: () => DrivenDevice;
  readonly #module: ModuleImage;
  readonly #mode: Mode;
  readonly #actor: Actor<typeof virtioMemMachine>;
  readonly #steps: VirtioMemStep[] = [];
  readonly #work: Work;
  readonly #threshold: number;
  readonly index: number;
  /** vm->offline_size: its blocks that are offline. */
  readonly #offline = new Set<number>();
  #retryAtNs: number | null;
  #refusals: Refusal[];
  #isStale = false;
  #task: Task<void> | undefined;
  #then: (() => void) | undefined;

  constructor(
    host: DeviceHost,
    rules: Rules,
    module: ModuleImage,
    device: () => DrivenDevice,
    image: DriverImage | { readonly index: number },
    onPlugged: () => void,
  ) {
    const { region, id, blockBytes, node: proximity } = device();
    const { driver: kernel } = host;
    this.#host = host;
    this.#device = device;
    this.#module = module;
    this.#mode = modeOf(host, module, region, blockBytes);
    this.index = image.index;
    const old = "state" in image ? image : undefined;
    this.#retryAtNs = old?.retryAtNs ?? null;
    this.#refusals = [...(old?.refusals ?? [])];
    const { addBytes, unitBytes } = this.#mode;
    this.#threshold = Math.max(2 * addBytes, 2 * kernel.blockBytes, OFFLINE_THRESHOLD);
    const node = kernel.nodeOf(proximity);
    const units = Math.floor((this.#mode.blocks * addBytes) / unitBytes);
    this.#work = {
      kernel,
      owner: `virtio_mem ${id}`,
      node,
      group: old?.group ?? kernel.registerGroup(node, addBytes),
      units: new Units(units, old?.plugged),
      left: 0,
      prepared: old?.prepared ?? 0,
      hasLeftovers: old?.hasLeftovers ?? false,
      removesLeftovers: rules.removesLeftovers,
      isStale: () => this.#isStale,
      mayAdd: (bytes) => this.#mayAdd(bytes),
      changed: onPlugged,
      retry: () => this.#actor.send({ type: "WAKE" }),
      blocked: (refusal) => this.#refusals.push(refusal),
    };
    const chart = virtioMemMachine.provide({ actions: { perform: (_, { step }) => void this.#steps.push(step) } });
    const context = { id, errno: null, retryMs: old?.retryMs ?? RETRY_MIN_MS, again: false };
    const value = (old?.state ?? "unbound") as "unbound";
    this.#actor = createActor(chart, {
      input: { id },
      id: `virtio-mem-${id}`,
      ...(host.inspect === undefined ? {} : { inspect: host.inspect }),
      snapshot: virtioMemMachine.resolveState({ value, context }),
    });
    this.#actor.start();
    // The timer of a state that is gone on with is set by `goOn`.
    this.#steps.length = 0;
  }

  get plugged(): number {
    return this.#work.units.count * this.#mode.unitBytes;
  }
  get unitBytes(): number {
    return this.#mode.unitBytes;
  }
  /** Addresses that are plugged, ascending. */
  pluggedRanges(): ByteRange[] {
    const { firstBlock, unitBytes } = this.#mode;
    const base = firstBlock * this.#host.driver.blockBytes;
    return this.#work.units.runs().map(([first, count]) => ({
      start: base + first * unitBytes,
      end: base + (first + count) * unitBytes,
    }));
  }
  get state(): string {
    const { value } = this.#actor.getSnapshot();
    return typeof value === "string" ? value : "working";
  }
  /** What stood in the way when the last shrink stopped. */
  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }
  /** The work that is under way or queued. */
  get task(): Task<void> | undefined {
    return this.#task;
  }

  /** virtio_mem_init, as it says it. */
  describe(): readonly string[] {
    const { region, blockBytes } = this.#device();
    const hex = (bytes: number): string => `0x${bytes.toString(16)}`;
    return [
      `start address: ${hex(region.start)}`,
      `region size: ${hex(region.end - region.start)}`,
      `device block size: ${hex(blockBytes)}`,
      `nid: ${this.#work.node}`,
      ...wrongBigBlock(this.#mode, this.#host.driver.blockBytes, blockBytes, this.#module),
      `memory block size: ${hex(this.#host.driver.blockBytes)}`,
      `${this.#mode.logName}: ${hex(this.#mode.unitBytes)}`,
    ];
  }

  probe(): void {
    for (const line of this.describe()) this.#say(line);
    this.#isStale = true;
    this.#begin({ type: "PROBE" });
  }

  /** The device's configuration has changed. */
  requested(): void {
    this.#isStale = true;
    this.#wake();
  }

  /**
   * A batch of work has changed blocks. MEM_ONLINE wakes the driver where half of its threshold is free again; MEM_OFFLINE where it
   * may unplug nothing else.
   */
  blocksChanged(blocks: Iterable<number>): void {
    const before = this.#offline.size;
    for (const block of blocks) this.#note(block);
    if (this.state === "working" || this.#offline.size === before) return;
    const isOnlined = this.#offline.size < before;
    if (isOnlined ? this.#mayAdd(this.#threshold / 2) : !this.#module.unplugOnline) this.#wake();
  }

  /** After an image: what waited for time waits again. */
  goOn(): void {
    const { firstBlock, addBytes } = this.#mode;
    const end = firstBlock + (this.#work.prepared * addBytes) / this.#host.driver.blockBytes;
    for (let block = firstBlock; block < end; block++) this.#note(block);
    if (this.#retryAtNs !== null) this.#setTimer(this.#retryAtNs);
  }

  #note(block: number): void {
    const { start, end } = this.#device().region;
    const { blockBytes } = this.#host.driver;
    if (block * blockBytes < start || block * blockBytes >= end) return;
    if (this.#host.driver.stateOf(block) === "offline") this.#offline.add(block);
    else this.#offline.delete(block);
  }

  /** Once the work that is under way has ended; it waits for none that is queued after it. */
  whenIdle(then: () => void): void {
    this.#then = then;
  }

  /** virtio_mem_remove. Blocks that are left keep the device's resource (from source; the recorded one had none: 7.3-qemu11/v_hotplug_device). */
  unplug(): void {
    this.#retryAtNs = null;
    this.#actor.send({ type: "UNPLUG" });
    const { region } = this.#device();
    const { driver } = this.#host;
    const first = region.start / driver.blockBytes;
    const hasMemory = Array.from({ length: (region.end - region.start) / driver.blockBytes }, (_, i) =>
      driver.stateOf(first + i),
    ).some((state) => state !== "absent");
    if (hasMemory) return this.#say("device still has system memory added");
    driver.releaseRegion(region, `virtio${this.index}`);
    driver.unregisterGroup(this.#work.group);
  }

  image(): DriverImage {
    const { context } = this.#actor.getSnapshot();
    const { group, units, prepared, hasLeftovers } = this.#work;
    return {
      index: this.index,
      state: this.state,
      retryMs: context.retryMs,
      retryAtNs: this.#retryAtNs,
      group,
      plugged: units.runs(),
      prepared,
      hasLeftovers,
      refusals: this.#refusals,
    };
  }

  /** queue_work: of work that is queued already nothing comes. */
  #wake(): void {
    if (this.#task === undefined) this.#begin({ type: "WAKE" });
    else if (this.state === "working") this.#actor.send({ type: "WAKE" });
  }

  #begin(event: VirtioMemEvent): void {
    const { id } = this.#device();
    this.#task = this.#host.start(`virtio_mem work of ${id}`, async () => {
      this.#retryAtNs = null;
      this.#actor.send(event);
      for (let step = this.#steps.shift(); step !== undefined; step = this.#steps.shift()) {
        const next = await this.#perform(step);
        if (next !== undefined) this.#actor.send(next);
      }
      this.#task = undefined;
      const then = this.#then;
      this.#then = undefined;
      then?.();
    });
  }

  async #perform(step: VirtioMemStep): Promise<VirtioMemEvent | undefined> {
    const pass = PASSES[step];
    if (pass !== undefined) return this.#after(await pass(this.#mode, this.#work), step);
    if (step === "read_config") return this.#readConfig();
    if (step === "decide") return this.#decide();
    if (step === "end") return this.#end();
    if (step === "start_timer") {
      this.#setTimer(this.#host.driver.nowNs() + this.#actor.getSnapshot().context.retryMs * NS_PER_MS);
      return undefined;
    }
    this.#refusals = [];
    await this.#mode.removeLeftovers(this.#work);
    return { type: "NEXT" };
  }

  #after(end: PassEnd, step: VirtioMemStep): VirtioMemEvent {
    if (end !== undefined) return { type: "FAILED", errno: end };
    if (this.#work.left === 0) return { type: "DONE" };
    // What is left after the last pass is in use. Without unplug_online, offline blocks are all.
    if (step === "unplug_kernel") return { type: "FAILED", errno: "EBUSY" };
    return { type: step === "unplug_offline" && !this.#module.unplugOnline ? "DONE" : "NEXT" };
  }

  /** virtio_mem_refresh_config. */
  #readConfig(): VirtioMemEvent {
    this.#retryAtNs = null;
    if (!this.#isStale) return { type: "NEXT" };
    this.#isStale = false;
    this.#say(`plugged size: 0x${this.plugged.toString(16)}`);
    this.#say(`requested size: 0x${this.#device().requestedBytes.toString(16)}`);
    return { type: "NEXT" };
  }

  #decide(): VirtioMemEvent {
    const missing = this.#device().requestedBytes - this.plugged;
    this.#work.left = Math.floor(Math.abs(missing) / this.#mode.unitBytes);
    if (this.#work.left === 0) return { type: "DONE" };
    return { type: missing > 0 ? "GROW" : "SHRINK" };
  }

  #end(): VirtioMemEvent {
    const { errno } = this.#actor.getSnapshot().context;
    const end = errno ?? (this.#work.hasLeftovers ? "EBUSY" : undefined);
    if (end === "EBUSY" || end === "ENOMEM") this.#tell(end);
    return end === undefined ? { type: "DONE" } : { type: "FAILED", errno: end };
  }

  /** The kernel says nothing of it: an event does. */
  #tell(errno: "EBUSY" | "ENOMEM"): void {
    const { id, requestedBytes } = this.#device();
    const sizes = `${id}: ${formatSize(this.plugged)} plugged, ${formatSize(requestedBytes)} requested`;
    const waitMs = this.#actor.getSnapshot().context.retryMs;
    const { unitBytes } = this.#mode;
    const part = unitBytes < this.#host.driver.blockBytes ? unitBytes : undefined;
    this.#host.tell(stopped({ errno, sizes, waitMs, refusals: this.#refusals, unitBytes: part }));
  }

  #setTimer(atNs: number): void {
    this.#retryAtNs = atNs;
    const ring = async (): Promise<void> => {
      if (this.#task === undefined) this.#begin({ type: "TIMER" });
    };
    const isOver = (): boolean => this.#retryAtNs !== atNs;
    this.#host.driver.setAlarm({ atNs, name: `retry timer of ${this.#device().id}`, ring, isOver });
  }

  /** virtio_mem_could_add_memory. */
  #mayAdd(bytes: number): boolean {
    return this.#offline.size * this.#host.driver.blockBytes + bytes <= this.#threshold;
  }

  #say(text: string): void {
    this.#host.driver.log(`virtio_mem virtio${this.index}: ${text}`);
  }
}

/** Sub-block mode where a memory block is at least two sub-blocks (virtio_mem_init). */
function modeOf(host: DeviceHost, module: ModuleImage, region: ByteRange, deviceBlock: number): Mode {
  const { blockBytes, pageblockBytes, sectionBytes } = host.driver;
  const subBlock = Math.max(deviceBlock, pageblockBytes);
  if (subBlock < blockBytes && !module.forceBigBlocks) return subBlockMode(region, blockBytes, subBlock);
  const least = Math.max(deviceBlock, blockBytes);
  const big = isPowerOfTwo(module.bigBlockBytes) ? Math.max(least, module.bigBlockBytes) : least;
  return bigBlockMode(region, blockBytes, Math.min(sectionBytes, blockBytes), big);
}

/** What the driver says of a `bbm_block_size` that it cannot have; it goes on with the least one. */
function wrongBigBlock(mode: Mode, blockBytes: number, deviceBlock: number, { bigBlockBytes }: ModuleImage): string[] {
  if (bigBlockBytes === 0 || mode.logName !== "big block size") return [];
  if (!isPowerOfTwo(bigBlockBytes)) return ["bbm_block_size is not a power of 2"];
  return bigBlockBytes < Math.max(deviceBlock, blockBytes) ? ["bbm_block_size is too small"] : [];
}
