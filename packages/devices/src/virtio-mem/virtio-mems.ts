import { alignUp, isPowerOfTwo, type Refusal, refused, type Result, done, type Task, type EventBody } from "@memhp/abi";
import { deviceNotFound, DIMM_ERRORS, isQemuSince, OK, type QmpResult } from "@memhp/qmp";
import type { ByteRange } from "@memhp/platforms";
import type { DeviceHost, DeviceMemory } from "../device-type.ts";
import { fail } from "../spec-fields.ts";
import { loadedAlready } from "../loaded-already.ts";
import { readModuleWords } from "./module-words.ts";
import { arrived, bound, departed, loaded } from "./pci-uevents.ts";
import { SizeEvents } from "../size-events.ts";
import { VirtioMemDriver } from "./virtio-mem-driver.ts";
import { VIRTIO_MEM_ERRORS } from "./virtio-mem-errors.ts";
import type { ModuleImage, VirtioMemImage, VirtioMemsImage } from "./virtio-mem-image.ts";
import type { VirtioMemSpec } from "./virtio-mem-spec.ts";

/** VIRTIO_MEM_MIN_BLOCK_SIZE and what QEMU takes on x86-64 and arm64 with 4K pages; bytes. */
const LEAST_BLOCK = 2 ** 20;
const DEFAULT_BLOCK = 2 ** 21;
const DRIVER = { name: "virtio_mem", priority: 0 } as const;

/** A device as somebody orders it; bytes. */
export interface VirtioMemRequest {
  readonly id: string;
  readonly memdev: string;
  readonly sizeBytes: number;
  /** Proximity domain. */
  readonly node: number;
  readonly blockBytes?: number;
  readonly requestedBytes?: number;
  /** The root port; a device on `pcie.0` is only there from the start. */
  readonly bus?: string;
}

/** A device on its bus, as QEMU knows it; bytes. */
export interface VirtioMem extends Omit<VirtioMemImage, "driver" | "told" | "index"> {
  readonly pluggedBytes: number;
  /** State of the driver's statechart; undefined while no driver is loaded. */
  readonly state?: string;
  /** What its driver plugs and unplugs as one, a sub-block or a big block; absent while none is loaded. */
  readonly unitBytes?: number;
  /** What is plugged, ascending; bytes, `end` exclusive. */
  readonly plugged: readonly ByteRange[];
  /** What stood in the way when the driver stopped short of a smaller request. */
  readonly refusals: readonly Refusal[];
}

interface Entry {
  device: Omit<VirtioMemImage, "driver" | "told" | "index">;
  readonly events: SizeEvents;
  driver: VirtioMemDriver | undefined;
  /** Its number among virtio devices, where it got one before its driver came. */
  index?: number | undefined;
  /** Its removal is under way. */
  leaving?: Task<void> | undefined;
}

/** The virtio-mem devices of a machine: what QEMU has, and the driver that the kernel may have loaded for them. */
export class VirtioMems {
  readonly #host: DeviceHost;
  readonly #spec: VirtioMemSpec;
  readonly #entries = new Map<string, Entry>();
  #numbered: number;
  #module: ModuleImage | undefined;

  /** @param image of a machine that goes on; undefined at boot. */
  constructor(host: DeviceHost, spec: VirtioMemSpec | undefined, image: VirtioMemsImage | undefined) {
    this.#host = host;
    this.#spec = spec ?? { cold: [], ports: [] };
    this.#numbered = image?.numbered ?? 0;
    this.#module = image?.module;
    for (const { driver, told, index, ...device } of image?.devices ?? []) {
      const entry: Entry = {
        device,
        events: new SizeEvents(host, device.id, sizeOf(device.id), told),
        driver: undefined,
        index,
      };
      this.#entries.set(device.id, entry);
      if (driver !== undefined) entry.driver = this.#bind(entry, driver);
    }
  }

  list(): VirtioMem[] {
    return [...this.#entries.values()].map(({ device, driver }) => ({
      ...device,
      pluggedBytes: driver?.plugged ?? 0,
      plugged: driver?.pluggedRanges() ?? [],
      ...(driver === undefined ? {} : { state: driver.state, unitBytes: driver.unitBytes }),
      refusals: driver?.refusals ?? [],
    }));
  }

  get(id: string): VirtioMem | undefined {
    return this.list().find((device) => device.id === id);
  }

  /** Addresses of the devices, plugged or not. */
  memory(): DeviceMemory[] {
    return [...this.#entries.values()].map(({ device: { id, addr, sizeBytes, node } }) => ({
      id,
      addr,
      sizeBytes,
      node,
    }));
  }

  /** What of a device is under way or still to be told: its driver's work, and when the monitor has told its last size. */
  busyWith(id: string): { readonly task?: Task<void>; readonly untilNs?: number } {
    const entry = this.#entries.get(id);
    const task = entry?.leaving ?? entry?.driver?.task;
    const untilNs = entry?.events.pendingNs;
    return { ...(task === undefined ? {} : { task }), ...(untilNs === undefined ? {} : { untilNs }) };
  }

  /** Devices of the command line. @throws SpecError */
  boot(): void {
    for (const cold of this.#spec.cold) {
      const plugged = this.#place(cold, this.#pciOf(cold.pciSlot), undefined);
      if (!plugged.ok) fail("machine", `virtio-mem device ${cold.id}: ${plugged.refusal.desc}`);
    }
  }

  /** Why a device cannot come to a bus at run time; undefined where it can. */
  refuseBus({ bus = "pcie.0" }: Pick<VirtioMemRequest, "bus">): QmpResult<never> | undefined {
    if (!this.#spec.ports.some((each) => each.id === bus))
      return bus === "pcie.0" ? VIRTIO_MEM_ERRORS.busStaysCold(bus) : VIRTIO_MEM_ERRORS.noBus(bus);
    const taken = [...this.#entries.values()].find(({ device }) => device.port === bus);
    return taken === undefined ? undefined : VIRTIO_MEM_ERRORS.slotTaken(taken.device.id);
  }

  /** `device_add virtio-mem-pci` at run time: on a root port; a driver that is loaded acts at once. */
  add(request: VirtioMemRequest): QmpResult {
    const wrongBus = this.refuseBus(request);
    if (wrongBus !== undefined) return wrongBus;
    const { bus = "", id } = request;
    const port = this.#spec.ports.find((each) => each.id === bus) as VirtioMemSpec["ports"][number];
    const behind = `0000:${(this.#spec.ports.indexOf(port) + 1).toString(16).padStart(2, "0")}:00.0`;
    const plugged = this.#place(request, `${this.#pciOf(port.pciSlot)}/${behind}`, bus);
    if (!plugged.ok) return plugged;
    const entry = this.#entries.get(id) as Entry;
    const isBound = this.#module !== undefined;
    entry.index = this.#numbered++;
    for (const uevent of arrived(entry.device.pci, entry.index, isBound)) this.#host.emit(uevent);
    if (isBound) this.#probe(entry);
    return OK;
  }

  /**
   * `device_del`: QEMU before 8.1 gives no such device back, whatever is plugged (7.3-vmem, 7.3-qemu11: v_hotplug_device). The answer does not wait for
   * the guest; `onBug` hears what memhp itself failed at.
   */
  remove(id: string, onBug?: (error: unknown) => void): QmpResult {
    const entry = this.#entries.get(id);
    if (entry === undefined) return deviceNotFound(id);
    if (entry.device.port === undefined) return VIRTIO_MEM_ERRORS.busStaysCold("pcie.0");
    const { qemu } = this.#host.board;
    if (!isQemuSince(qemu, 8, 1)) return VIRTIO_MEM_ERRORS.neverUnplugged();
    if (entry.leaving !== undefined) return VIRTIO_MEM_ERRORS.unplugInProgress(id);
    if ((entry.driver?.plugged ?? 0) > 0)
      return isQemuSince(qemu, 9, 1) ? VIRTIO_MEM_ERRORS.stillPlugged() : VIRTIO_MEM_ERRORS.stillPluggedBefore91();
    if (entry.device.requestedBytes > 0) return VIRTIO_MEM_ERRORS.stillRequested();
    const leave = (): void => {
      entry.leaving = this.#host.start(`removal of virtio-mem ${id}`, async () => this.#leave(entry));
      entry.leaving.catch(onBug ?? (() => {}));
    };
    entry.leaving = entry.driver?.task;
    // virtio_mem_remove waits for the driver's work.
    if (entry.driver?.task === undefined) leave();
    else entry.driver.whenIdle(leave);
    return OK;
  }

  /** The guest lets go of the device, and it is gone. */
  #leave({ device, driver, index = 0 }: Entry): void {
    driver?.unplug();
    for (const uevent of departed(device.pci, driver?.index ?? index, driver !== undefined)) this.#host.emit(uevent);
    this.#entries.delete(device.id);
    this.#host.emit({ type: "device_deleted", device: device.id, of: "virtio-mem" });
  }

  /** `qom-set requested-size`. The answer does not wait for the guest. */
  request(id: string, bytes: number): QmpResult {
    const entry = this.#entries.get(id);
    if (entry === undefined) return deviceNotFound(id);
    if (entry.leaving !== undefined) return VIRTIO_MEM_ERRORS.requestInUnplug();
    const wrong = wrongSize(entry.device, bytes);
    if (wrong !== undefined) return wrong;
    entry.device = { ...entry.device, requestedBytes: bytes };
    if (entry.driver === undefined) this.#host.tell(noDriver(id, this.#canLoad));
    entry.driver?.requested();
    return OK;
  }

  /** `qom-set` of a property. @returns undefined for one that the device does not have. */
  set(id: string, property: string, value: number): QmpResult | undefined {
    if (property === "requested-size") return this.request(id, value);
    if (property === "size") return VIRTIO_MEM_ERRORS.sizeIsReadOnly();
    return property === "block-size" ? VIRTIO_MEM_ERRORS.blockSizeIsFixed() : undefined;
  }

  /** insmod virtio_mem. */
  async load(words: string): Promise<Result<void>> {
    if (this.#module !== undefined) return refused(loadedAlready());
    const read = readModuleWords(words, this.#host.driver);
    if (!read.ok) return read;
    this.#module = read.value;
    await this.#host.driver.joinChain(DRIVER);
    this.#listen();
    for (const entry of this.#entries.values()) this.#probe(entry);
    for (const uevent of loaded()) this.#host.emit(uevent);
    return done(undefined);
  }

  /** The kernel has the driver as a module. */
  get #canLoad(): boolean {
    return this.#host.driver.modules.virtioMem !== undefined;
  }

  /** After an image: the driver is on the chain again, and what waited for time waits again. */
  async goOn(): Promise<void> {
    if (this.#module === undefined) return;
    await this.#host.driver.joinChain(DRIVER);
    this.#listen();
    for (const { driver, events } of this.#entries.values()) {
      driver?.goOn();
      events.goOn();
    }
  }

  /** QEMU has unplugged all of their memory; requested-size stays, for the driver that is loaded next. */
  imageAfterReset(): VirtioMemsImage | undefined {
    if (this.#entries.size === 0) return undefined;
    return { devices: [...this.#entries.values()].map(({ device }) => device), numbered: 0 };
  }

  image(): VirtioMemsImage | undefined {
    if (this.#entries.size === 0 && this.#module === undefined && this.#spec.ports.length === 0) return undefined;
    const devices = [...this.#entries.values()].map(({ device, driver, events, index }): VirtioMemImage => {
      const told = events.image();
      const numbered = index === undefined ? {} : { index };
      return {
        ...device,
        ...(driver === undefined ? numbered : { driver: driver.image() }),
        ...(told === undefined ? {} : { told }),
      };
    });
    return { devices, numbered: this.#numbered, ...(this.#module === undefined ? {} : { module: this.#module }) };
  }

  #listen(): void {
    this.#host.driver.onBlocks((blocks) => {
      for (const { driver } of this.#entries.values()) driver?.blocksChanged(blocks);
    });
  }

  #pciOf(slot: number): string {
    return `0000:00:${((this.#host.board.firstPciSlot ?? 1) + slot).toString(16).padStart(2, "0")}.0`;
  }

  #bind(entry: Entry, image: ConstructorParameters<typeof VirtioMemDriver>[4]): VirtioMemDriver {
    const rules = this.#host.driver.modules.virtioMem;
    const module = this.#module;
    if (rules === undefined || module === undefined)
      throw new Error("memhp bug: a driver that the kernel does not have");
    const device = () => {
      const { addr, sizeBytes, ...rest } = entry.device;
      return { ...rest, region: { start: addr, end: addr + sizeBytes } };
    };
    const told = (): void => entry.events.changed(entry.driver?.plugged ?? 0);
    return new VirtioMemDriver(this.#host, rules, module, device, image, told);
  }

  /** virtio_mem_probe; devices are numbered as they come. */
  #probe(entry: Entry): void {
    const { addr, sizeBytes, pci } = entry.device;
    const index = entry.index ?? this.#numbered++;
    const driver = this.#bind(entry, { index });
    this.#host.driver.claimRegion({ start: addr, end: addr + sizeBytes }, `virtio${index}`);
    entry.driver = driver;
    if (entry.device.port === undefined) this.#host.emit(bound(pci, index));
    driver.probe();
  }

  #place(request: VirtioMemRequest, pci: string, port: string | undefined): QmpResult {
    const { id, memdev, sizeBytes, node, requestedBytes = 0, blockBytes = DEFAULT_BLOCK } = request;
    const { board, others } = this.#host;
    if (this.#entries.has(id) || others.has(id)) return DIMM_ERRORS.duplicateBackend(id);
    if (!isPowerOfTwo(blockBytes)) return VIRTIO_MEM_ERRORS.blockNotPower();
    if (blockBytes < LEAST_BLOCK) return VIRTIO_MEM_ERRORS.blockTooSmall(LEAST_BLOCK);
    if (sizeBytes === 0 || sizeBytes % blockBytes !== 0) return VIRTIO_MEM_ERRORS.sizeNotWhole(blockBytes);
    if (node >= Math.max(1, board.nodes)) return VIRTIO_MEM_ERRORS.noSuchNode(node, Math.max(1, board.nodes));
    const wrong = wrongSize({ blockBytes, sizeBytes }, requestedBytes);
    if (wrong !== undefined) return wrong;
    const occupied = [...this.memory(), ...others.reserved()].sort((a, b) => a.addr - b.addr);
    const used = occupied.reduce((sum, each) => sum + each.sizeBytes, 0);
    if (used + sizeBytes > board.roomBytes) return DIMM_ERRORS.notEnoughSpace(used, board.roomBytes);
    let addr = alignUp(board.window.start, blockBytes);
    for (const each of occupied) {
      if (addr + sizeBytes <= each.addr) break;
      addr = Math.max(addr, alignUp(each.addr + each.sizeBytes, blockBytes));
    }
    if (addr + sizeBytes > board.window.end) return DIMM_ERRORS.noGap();
    const place = { id, memdev, addr, sizeBytes, node, blockBytes, requestedBytes, pci };
    const device = port === undefined ? place : { ...place, port };
    this.#entries.set(id, { device, events: new SizeEvents(this.#host, id, sizeOf(id)), driver: undefined });
    return OK;
  }
}

function wrongSize(
  { blockBytes, sizeBytes }: { readonly blockBytes: number; readonly sizeBytes: number },
  bytes: number,
): QmpResult<never> | undefined {
  if (bytes % blockBytes !== 0) return VIRTIO_MEM_ERRORS.notWholeBlocks(blockBytes);
  return bytes > sizeBytes ? VIRTIO_MEM_ERRORS.tooLarge(sizeBytes) : undefined;
}

function noDriver(id: string, canLoad: boolean): Refusal {
  return {
    errno: "ENODEV",
    code: "no_entry",
    rule: "observed-newer §2: the driver of a virtio-mem device acts on its request, and none is loaded",
    retry: canLoad ? "yes" : "no",
    remedy: [canLoad ? "insmod virtio_mem" : "boot a kernel that has virtio_mem: x86-64 and arm64 since 5.8"],
    detail: id,
  };
}

/** MEMORY_DEVICE_SIZE_CHANGE of a device. */
function sizeOf(device: string): (sizeBytes: number) => EventBody {
  return (sizeBytes) => ({ type: "memory_size_change", device, sizeBytes });
}
