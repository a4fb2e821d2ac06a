import { checkedTask, done, oneOf, refused, type Refused, type Result, type Task, text, wholeNumber } from "@memhp/abi";
import type { DaxSource, KmemRules } from "@memhp/hotplug";
import type { ByteRange } from "@memhp/platforms";
import type { DeviceHost, DeviceMemory } from "../device-type.ts";
import { moduleWords, unknownWord } from "../module-words.ts";
import { fail } from "../spec-fields.ts";
import { DaxDevice, type DaxDriver, daxDrivers } from "./dax-device.ts";
import type { DaxDevicesImage } from "./dax-image.ts";
import { DAX_REFUSALS } from "./dax-refusals.ts";
import { firstRanges } from "./dax-regions.ts";
import { type DaxSpec, placeRegions } from "./dax-spec.ts";
import { daxUevent, moduleUevents } from "./dax-uevents.ts";

/** A dax device as it is now; bytes, `end` exclusive. */
export interface Dax {
  readonly id: string;
  readonly source: DaxSource;
  /** Proximity domain. */
  readonly node: number;
  readonly region: ByteRange;
  readonly ranges: readonly ByteRange[];
  readonly sizeBytes: number;
  /** Whether struct pages are asked for on the memory itself. */
  readonly memmapOnMemory: boolean;
  /** State of its statechart. */
  readonly state: string;
  readonly driver?: DaxDriver;
  /** Memory blocks that kmem brought, and how many of them are online. */
  readonly blocks: { readonly online: number; readonly total: number };
}

interface Place extends DaxSpec {
  readonly addr: number;
}

/** The dax devices of a machine, and the two drivers of their bus: device_dax, which is always there, and kmem, which is loaded. */
export class DaxDevices {
  readonly #host: DeviceHost;
  readonly #own: readonly Place[];
  readonly #onNvdimms: readonly DaxSpec[];
  readonly #devices = new Map<string, DaxDevice>();
  readonly #ids: [driver: string, name: string][];
  #isLoaded: boolean;

  /** @param image of a machine that goes on; undefined at boot. */
  constructor(host: DeviceHost, spec: readonly DaxSpec[] = [], image: DaxDevicesImage | undefined) {
    this.#host = host;
    this.#own = placeRegions(spec, host.room.start);
    this.#onNvdimms = spec.filter(({ nvdimm }) => nvdimm !== undefined);
    this.#isLoaded = image?.kmem ?? false;
    this.#ids = (image?.ids ?? []).map(([driver, name]) => [driver, name]);
    const { rules } = this;
    for (const each of image?.devices ?? [])
      if (rules !== undefined) this.#devices.set(each.id, new DaxDevice(host, rules, each));
  }

  /** What the kernel does; undefined where it has no such driver. */
  get rules(): KmemRules | undefined {
    return this.#host.driver.modules.kmem;
  }
  /** The module kmem is loaded. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }
  /** Drivers of the bus. */
  get drivers(): readonly DaxDriver[] {
    return daxDrivers.filter((name) => name !== "kmem" || this.#isLoaded);
  }

  /** Devices on the bus, in the order in which they came. */
  all(): readonly DaxDevice[] {
    return [...this.#devices.values()];
  }

  list(): Dax[] {
    return this.all().map((device) => {
      const { own, sizeBytes, state, driver } = device;
      const { all, online } = device.blocks;
      return {
        ...own,
        sizeBytes,
        state,
        ...(driver === undefined ? {} : { driver }),
        blocks: { online: online.length, total: all.length },
      };
    });
  }

  get(id: string): Dax | undefined {
    return this.list().find((device) => device.id === id);
  }

  /** Regions of the machine, there or not. */
  regions(): DeviceMemory[] {
    return this.#own.map(({ id, addr, regionBytes, node }) => ({ id, addr, sizeBytes: regionBytes, node }));
  }

  /** From the first byte of each device to its last. */
  memory(): DeviceMemory[] {
    return this.all().flatMap(({ id, own: { ranges, node } }) => {
      const [first] = ranges;
      const last = ranges.at(-1);
      if (first === undefined || last === undefined) return [];
      return [{ id, node, addr: first.start, sizeBytes: last.end - first.start }];
    });
  }

  /** Regions that are there when the kernel boots. @throws SpecError */
  boot(): void {
    for (const place of this.#places) {
      if (!place.present) continue;
      const device = this.#create(place);
      if (device === undefined) continue;
      const driver = this.#defaultDriver(device);
      if (driver === "device_dax") void device.attach(driver);
    }
  }

  /** A region is made, with its device, and the driver that is for it takes it. */
  insert(id: string): Task<Result<void>> {
    const check = (): void => text("dax.insert: id", id);
    return this.#thread(`region of ${id}`, check, async () => {
      const place = this.#places.find((each) => each.id === id);
      if (place === undefined) return this.#unknown(id, this.#places);
      if (this.#devices.has(id)) return DAX_REFUSALS.notHere(id, true);
      const why = this.#whyNone(place.source);
      if (why !== undefined) return DAX_REFUSALS.noBus(id, why);
      const device = this.#create(place);
      if (device === undefined) throw new Error(`memhp bug: ${id} has a source without rules`);
      this.#host.emit(daxUevent("add", device.devpath));
      const driver = this.#defaultDriver(device);
      return driver === undefined ? done(undefined) : device.attach(driver);
    });
  }

  /** A region is taken apart: refused while a block of it is online, as the tools do. */
  eject(id: string): Task<Result<void>> {
    const check = (): void => text("dax.eject: id", id);
    return this.#thread(`end of the region of ${id}`, check, async () => {
      const device = this.#devices.get(id);
      if (device === undefined) return this.#unknown(id, this.all());
      if (device.state === "left_online") return DAX_REFUSALS.leftBehind(id);
      const { online } = device.blocks;
      if (online.length > 0) return DAX_REFUSALS.inUse(id, online);
      await device.detach();
      if (device.driver !== undefined || device.state !== "unbound") return DAX_REFUSALS.leftBehind(id);
      device.destroy();
      this.#devices.delete(id);
      this.#host.emit(daxUevent("remove", device.devpath));
      return done(undefined);
    });
  }

  /** A write to `size`: the device has no driver. Bytes. */
  resize(id: string, bytes: number): Task<Result<void>> {
    const check = (): void => {
      text("dax.resize: id", id);
      wholeNumber("dax.resize: bytes", bytes, { unit: "bytes" });
    };
    return this.#thread(`resize of ${id}`, check, async () => {
      const device = this.#devices.get(id);
      return device === undefined ? this.#unknown(id, this.all()) : device.resize(bytes);
    });
  }

  /** The name of the device is written to `bind` of a driver. */
  bind(id: string, driver: DaxDriver): Task<Result<void>> {
    return this.#thread(
      `bind of ${id}`,
      () => checkNames("bind", id, driver),
      () => this.bindNow(driver, id),
    );
  }

  /** The name is written to `unbind`: the driver leaves, whatever becomes of the memory. */
  unbind(id: string, driver: DaxDriver): Task<Result<void>> {
    return this.#thread(
      `unbind of ${id}`,
      () => checkNames("unbind", id, driver),
      () => this.unbindNow(driver, id),
    );
  }

  /** The name is written to `new_id`: from now on the driver is for the device, and takes it if nobody has it. */
  newId(id: string, driver: DaxDriver): Task<Result<void>> {
    return this.#thread(
      `new_id of ${id}`,
      () => checkNames("newId", id, driver),
      () => this.newIdNow(driver, id),
    );
  }

  /** bind_store, in the thread of whoever writes. */
  async bindNow(driver: DaxDriver, name: string): Promise<Result<void>> {
    const device = this.#devices.get(name);
    if (device === undefined)
      return DAX_REFUSALS.noDevice(
        name,
        this.all().map(({ id }) => id),
      );
    const tells = device.rules.bindTellsErrno;
    if (!this.#drivesBus(driver)) return DAX_REFUSALS.notLoaded(driver);
    if (!this.#isFor(driver, device)) return DAX_REFUSALS.noMatch(name, driver);
    if (device.driver !== undefined) return DAX_REFUSALS.hasDriver(name, device.driver, tells ? "EBUSY" : "ENODEV");
    const attached = await device.attach(driver);
    return attached.ok || tells ? attached : DAX_REFUSALS.probeLost(attached.refusal);
  }

  /** unbind_store. */
  async unbindNow(driver: DaxDriver, name: string): Promise<Result<void>> {
    const device = this.#devices.get(name);
    if (device === undefined)
      return DAX_REFUSALS.noDevice(
        name,
        this.all().map(({ id }) => id),
      );
    if (device.driver !== driver) return DAX_REFUSALS.notItsDriver(name, driver, device.driver);
    await device.detach();
    return done(undefined);
  }

  /** do_id_store: what a probe says is lost. */
  async newIdNow(driver: DaxDriver, written: string): Promise<Result<void>> {
    const name = written.replace(/\n$/, "");
    if (!/^dax(0|[1-9]\d*)\.(0|[1-9]\d*)$/.test(name)) return DAX_REFUSALS.noId(written);
    if (!this.#hasId(driver, name)) this.#ids.push([driver, name]);
    await this.#attachAll(driver);
    return done(undefined);
  }

  removeIdNow(driver: DaxDriver, written: string): Result<void> {
    const name = written.replace(/\n$/, "");
    if (!/^dax(0|[1-9]\d*)\.(0|[1-9]\d*)$/.test(name)) return DAX_REFUSALS.noId(written);
    const at = this.#ids.findIndex(([of, id]) => of === driver && id === name);
    if (at >= 0) this.#ids.splice(at, 1);
    return done(undefined);
  }

  /** insmod kmem. A parameter that it does not have is passed over. */
  async load(words: string): Promise<Result<void>> {
    if (this.#isLoaded) return DAX_REFUSALS.loaded("kmem");
    for (const word of moduleWords(words)) this.#host.driver.log(unknownWord("kmem", word));
    this.#isLoaded = true;
    await this.#attachAll("kmem");
    for (const uevent of moduleUevents("add", "kmem")) this.#host.emit(uevent);
    return done(undefined);
  }

  /** rmmod kmem: every device loses its driver, and memory of which a block is online stays. */
  async unload(): Promise<Result<void>> {
    if (!this.#isLoaded) return DAX_REFUSALS.notLoaded("kmem");
    for (const device of this.all()) if (device.driver === "kmem") await device.detach();
    this.#isLoaded = false;
    for (let i = this.#ids.length - 1; i >= 0; i--) if (this.#ids[i]?.[0] === "kmem") this.#ids.splice(i, 1);
    for (const uevent of moduleUevents("remove", "kmem")) this.#host.emit(uevent);
    return done(undefined);
  }

  /** Hears what becomes of blocks. */
  listen(): void {
    if (!this.#isDescribed && this.#devices.size === 0) return;
    this.#host.driver.onBlocks(() => {
      for (const device of this.#devices.values()) device.look();
    });
  }

  image(): DaxDevicesImage | undefined {
    if (!this.#isDescribed && this.#devices.size === 0 && !this.#isLoaded) return undefined;
    return { devices: this.all().map((device) => device.image()), kmem: this.#isLoaded, ids: [...this.#ids] };
  }

  /** Regions with their addresses, those of NVDIMMs among them. @throws SpecError for an NVDIMM that is not there */
  get #places(): readonly Place[] {
    if (this.#onNvdimms.length === 0) return this.#own;
    const nvdimms = this.#host.others.devices().filter(({ type }) => type === "nvdimm");
    const found = this.#onNvdimms.flatMap((spec): Place[] => {
      const nvdimm = nvdimms.find(({ id }) => id === spec.nvdimm);
      // One that is plugged in later has no place yet.
      if (nvdimm === undefined && !spec.present) return [];
      if (nvdimm === undefined) fail("machine.dax", `${spec.id}: no NVDIMM ${JSON.stringify(spec.nvdimm)}`);
      const { addr, sizeBytes, node } = nvdimm;
      return [{ ...spec, node, addr: Number(addr), regionBytes: Number(sizeBytes) }];
    });
    return [...this.#own, ...found];
  }

  /** The machine says something of such devices. */
  get #isDescribed(): boolean {
    return this.#own.length + this.#onNvdimms.length > 0;
  }

  #create(place: Place): DaxDevice | undefined {
    const { id, source, node, addr, regionBytes } = place;
    const { rules } = this;
    const region = { start: addr, end: addr + regionBytes };
    if (rules === undefined || !rules.sources.includes(source)) return undefined;
    const device = new DaxDevice(this.#host, rules, {
      id,
      source,
      node,
      region,
      ranges: firstRanges(place, region),
      memmapOnMemory: rules.memmapOnMemory !== "never" && source === "cxl",
      state: "unbound",
      left: [],
      added: [],
      group: null,
    });
    if (!device.claim()) fail("machine.dax", `${id}: something else lies on its addresses`);
    this.#devices.set(id, device);
    return device;
  }

  /** Why the kernel makes no device of such memory, in words. */
  #whyNone(source: DaxSource): string | undefined {
    if (this.rules === undefined) return "this kernel has no dax devices: drivers/dax is of 4.7, kmem of 5.1";
    if (this.rules.sources.includes(source)) return undefined;
    const since = {
      hmem: "drivers/dax/hmem is of 5.5",
      cxl: "drivers/dax/cxl.c is of 6.3",
      pmem: "drivers/dax/pmem.c is of 4.7",
    };
    return `this kernel makes no dax device of ${source}: ${since[source]}`;
  }

  #drivesBus(driver: DaxDriver): boolean {
    return this.drivers.includes(driver);
  }

  #hasId(driver: DaxDriver, name: string): boolean {
    return this.#ids.some(([of, id]) => of === driver && id === name);
  }

  /** dax_bus_match: by name, or by what the memory is. */
  #isFor(driver: DaxDriver, { id, own: { source }, rules }: DaxDevice): boolean {
    if (this.#hasId(driver, id)) return true;
    if (!rules.takesRam) return driver === "device_dax";
    return driver === (source === "pmem" ? "device_dax" : "kmem");
  }

  #defaultDriver(device: DaxDevice): DaxDriver | undefined {
    return this.drivers.find((driver) => this.#isFor(driver, device));
  }

  /** driver_attach. */
  async #attachAll(driver: DaxDriver): Promise<void> {
    for (const device of this.all()) {
      if (device.driver !== undefined || !this.#isFor(driver, device)) continue;
      const attached = await device.attach(driver);
      // Nobody hears of it but whoever reads the log.
      if (!attached.ok) this.#host.tell(attached.refusal);
    }
  }

  #thread<T>(name: string, check: () => void, body: () => Promise<Result<T>>): Task<Result<T>> {
    return checkedTask("dax", check, () => this.#host.start(name, body));
  }

  #unknown(id: string, known: readonly { readonly id: string }[]): Refused {
    return refused({
      errno: "ENODEV",
      code: "no_entry",
      rule: "the machine has no such dax device",
      retry: "no",
      remedy:
        known.length === 0
          ? ["give the machine dax devices"]
          : [`name one of ${known.map((each) => each.id).join(", ")}`],
      detail: id,
    });
  }
}

function checkNames(verb: string, id: string, driver: DaxDriver): void {
  text(`dax.${verb}: id`, id);
  oneOf(`dax.${verb}: driver`, driver, daxDrivers);
}
