import { done, type Result } from "@memhp/abi";
import type { KmemRules } from "@memhp/hotplug";
import { type Actor, createActor } from "xstate";
import type { DeviceHost } from "../device-type.ts";
import type { DaxImage } from "./dax-image.ts";
import { type DaxEvent, daxMachine } from "./dax-machine.ts";
import { DAX_REFUSALS } from "./dax-refusals.ts";
import { parentOf, regionResources } from "./dax-regions.ts";
import { DAX_ALIGN } from "./dax-spec.ts";
import { daxUevent } from "./dax-uevents.ts";
import { type KmemMemory, probeKmem, rangeText, removeKmem } from "./kmem.ts";

/** Drivers of the dax bus: which hands a device to programs, and which makes memory of it. */
export const daxDrivers = ["device_dax", "kmem"] as const;
/** A driver that may hold a dax device. */
export type DaxDriver = (typeof daxDrivers)[number];

type Own = Omit<DaxImage, "state" | "left" | "added" | "group">;

/** One device of the dax bus, with what its driver has made of it. Work of its drivers runs in kernel threads. */
export class DaxDevice {
  readonly #host: DeviceHost;
  readonly rules: KmemRules;
  readonly #actor: Actor<typeof daxMachine>;
  #own: Own;
  #memory: KmemMemory | undefined;

  constructor(host: DeviceHost, rules: KmemRules, image: DaxImage) {
    const { state, left, added, group, ...own } = image;
    this.#host = host;
    this.rules = rules;
    this.#own = own;
    this.#memory = group === null ? undefined : { group, added };
    const [outer = "unbound", inner] = state.split(".");
    const value = (inner === undefined ? outer : { [outer]: inner }) as "unbound";
    this.#actor = createActor(daxMachine, {
      input: { id: own.id },
      id: own.id,
      snapshot: daxMachine.resolveState({ value, context: { id: own.id, left } }),
    });
    this.#actor.start();
  }

  get own(): Own {
    return this.#own;
  }
  get id(): string {
    return this.#own.id;
  }
  /** Below /sys. */
  get devpath(): string {
    return `${parentOf(this.id, this.#own.source)}/${this.id}`;
  }
  get state(): string {
    const { value } = this.#actor.getSnapshot();
    if (typeof value === "string") return value;
    return Object.entries(value)
      .map(([outer, inner]) => `${outer}.${inner}`)
      .join();
  }
  get driver(): DaxDriver | undefined {
    const { state } = this;
    if (state === "devdax") return "device_dax";
    return /^(system_ram|removing|adding)/.test(state) ? "kmem" : undefined;
  }
  get sizeBytes(): number {
    return this.#own.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  }
  /** Memory blocks that kmem brought, ascending, and which of them are not offline. */
  get blocks(): { readonly all: readonly number[]; readonly online: readonly number[] } {
    const { driver } = this.#host;
    const all = (this.#memory?.added ?? []).flatMap(([, { start, end }]) =>
      Array.from({ length: (end - start) / driver.blockBytes }, (_, i) => start / driver.blockBytes + i),
    );
    const here = all.filter((block) => driver.stateOf(block) !== "absent");
    return { all: here, online: here.filter((block) => driver.stateOf(block) !== "offline") };
  }

  #send(event: DaxEvent): void {
    this.#actor.send(event);
  }

  /** Its blocks may have changed. */
  look(): void {
    if (!this.state.startsWith("system_ram")) return;
    const { all, online } = this.blocks;
    this.#send({ type: "BLOCKS", online: online.length, total: all.length });
  }

  /** Its region, and after that a driver that is for it. */
  claim(): boolean {
    const { driver } = this.#host;
    const { region } = this.#own;
    return regionResources(this.#own, region, this.rules).every(({ name, ...range }) =>
      driver.claimRegion(range, name),
    );
  }

  /** dax_bus_probe. The caller has matched device and driver. */
  async attach(driver: DaxDriver): Promise<Result<void>> {
    const { id } = this;
    const { ranges } = this.#own;
    if (this.state === "left_online") return DAX_REFUSALS.reserved(id, ranges.map(rangeText).join(", "));
    if (ranges.length === 0) return DAX_REFUSALS.empty(id);
    const probed = driver === "kmem" ? await this.#probeKmem() : this.#probeDevice();
    if (probed.ok) this.#host.emit(daxUevent("bind", this.devpath, driver));
    return probed;
  }

  async #probeKmem(): Promise<Result<void>> {
    this.#send({ type: "PROBE" });
    const probed = await probeKmem(this.#host.driver, this.rules, this.#own);
    if (!probed.ok) {
      this.#send({ type: "FAILED" });
      return probed;
    }
    this.#memory = probed.value;
    this.#send({ type: "ADDED" });
    this.look();
    return done(undefined);
  }

  /** dev_dax_probe (drivers/dax/device.c). */
  #probeDevice(): Result<void> {
    const { driver } = this.#host;
    const { ranges } = this.#own;
    const claimed = ranges.findIndex((range) => !driver.claimRegion(range, this.id));
    if (claimed >= 0) {
      for (const range of ranges.slice(0, claimed)) driver.releaseRegion(range, this.id);
      return DAX_REFUSALS.reserved(this.id, rangeText(ranges[claimed] as (typeof ranges)[number]));
    }
    this.#send({ type: "BIND_DEVICE" });
    return done(undefined);
  }

  /** device_driver_detach: it succeeds whatever becomes of the memory. */
  async detach(): Promise<void> {
    const { driver } = this.#host;
    const has = this.driver;
    if (has === undefined) return;
    this.#send({ type: "UNBIND" });
    if (has === "device_dax") for (const range of this.#own.ranges) driver.releaseRegion(range, this.id);
    else await this.#removeKmem();
    this.#host.emit(daxUevent("unbind", this.devpath));
  }

  async #removeKmem(): Promise<void> {
    const memory = this.#memory;
    if (memory === undefined) return;
    const left = await removeKmem(this.#host.driver, this.rules, this.id, memory);
    if (left.length === 0) {
      this.#memory = undefined;
      this.#send({ type: "REMOVED" });
      return;
    }
    this.#memory = { ...memory, added: memory.added.filter(([mapping]) => left.includes(mapping)) };
    this.#send({ type: "LEFT", mappings: left });
    this.#host.tell(DAX_REFUSALS.left(this.id, left, this.blocks.online, this.#host.driver.canRemove));
  }

  /** Its region is taken apart: nobody has it, and nothing of it stays behind. */
  destroy(): void {
    const { driver } = this.#host;
    for (const { name, ...range } of regionResources(this.#own, this.#own.region, this.rules).toReversed())
      driver.releaseRegion(range, name);
    this.#send({ type: "DESTROY" });
  }

  /** Bytes of its region that it could still get: behind its last mapping. */
  get freeBytes(): number {
    const { ranges, region } = this.#own;
    return region.end - (ranges.at(-1)?.end ?? region.start);
  }

  /** dev_dax_resize (drivers/dax/bus.c): the last mapping grows and shrinks, and goes when nothing of it is left. */
  resize(bytes: number): Result<void> {
    const { id, driver, sizeBytes, freeBytes } = this;
    const { ranges, region } = this.#own;
    if (bytes % DAX_ALIGN !== 0) return DAX_REFUSALS.misaligned(id, bytes, DAX_ALIGN);
    if (driver !== undefined) return DAX_REFUSALS.bound(id, driver);
    if (this.state === "left_online") return DAX_REFUSALS.leftBehind(id);
    if (bytes - sizeBytes > freeBytes) return DAX_REFUSALS.noSpace(id, bytes - sizeBytes, freeBytes);
    const last = ranges.at(-1);
    if (bytes > sizeBytes) {
      const grown =
        last === undefined
          ? [{ start: region.start, end: region.start + bytes }]
          : [...ranges.slice(0, -1), { start: last.start, end: last.end + bytes - sizeBytes }];
      this.#own = { ...this.#own, ranges: grown };
      return done(undefined);
    }
    let left = bytes;
    const kept = ranges.flatMap(({ start, end }) => {
      const size = Math.min(left, end - start);
      left -= size;
      return size === 0 ? [] : [{ start, end: start + size }];
    });
    this.#own = { ...this.#own, ranges: kept };
    return done(undefined);
  }

  /** memmap_on_memory_store. */
  setMemmapOnMemory(value: boolean): Result<void> {
    const { id, driver } = this;
    if (value && !this.#host.driver.supportsMemmapOnMemory) return DAX_REFUSALS.noMemmap(id);
    if (value !== this.#own.memmapOnMemory && driver === "kmem") return DAX_REFUSALS.bound(id, driver);
    this.#own = { ...this.#own, memmapOnMemory: value };
    return done(undefined);
  }

  image(): DaxImage {
    const { left } = this.#actor.getSnapshot().context;
    return {
      ...this.#own,
      state: this.state,
      left,
      added: this.#memory?.added ?? [],
      group: this.#memory?.group ?? null,
    };
  }
}
