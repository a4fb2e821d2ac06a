import type { Device, DeviceHost, DeviceMemory, DeviceType, DriverModule } from "@memhp/devices";
import { builtWithout, type KernelConfig, record, type Refusal, refused, type Result } from "@memhp/abi";
import { ImageError } from "@memhp/engine";
import type { AddedFiles } from "@memhp/sysfs";

/** What all kinds of devices are given alike; what each has of its own is made from it. */
export interface SharedHost extends Omit<DeviceHost, "others" | "room"> {
  roomOf(kind: DeviceType): DeviceHost["room"];
}

/** The memory devices of a machine, kind by kind. The machine knows none of them by name. */
export class MachineDevices {
  readonly types: readonly DeviceType[];
  readonly #devices = new Map<DeviceType, Device>();

  /**
   * @param specs what the machine says of each kind. @param images what each kind wrote down; none at boot.
   * @throws SpecError, and ImageError for a part whose kind is not in the list.
   */
  constructor(
    types: readonly DeviceType[],
    host: SharedHost,
    specs: Readonly<Record<string, unknown>>,
    images: Readonly<Record<string, unknown>>,
  ) {
    this.types = types;
    checkKinds(types, "spec.devices", specs);
    checkKinds(types, "devices", images);
    for (const type of types) {
      if (images[type.id] !== undefined) type.checkImage?.(images[type.id], `devices.${type.id}`);
      const others = (): Device[] => this.all().filter((device) => device !== this.#devices.get(type));
      const hosted: DeviceHost = Object.create(host, {
        room: { value: host.roomOf(type) },
        others: {
          value: {
            has: (id: string) => others().some((device) => device.has(id)),
            devices: () => others().flatMap((device) => device.monitor?.devices() ?? []),
            reserved: () => others().flatMap((device) => device.reserved()),
          } satisfies DeviceHost["others"],
        },
      });
      this.#devices.set(type, type.create(hosted, specs[type.id], images[type.id]));
    }
  }

  all(): Device[] {
    return [...this.#devices.values()];
  }

  /** The door to the devices of one kind. @throws RangeError for a kind that the machine does not have. */
  door<Door>(type: DeviceType<Door>): Door {
    record("device: type", type);
    const device = this.#devices.get(type) as Device<Door> | undefined;
    if (device !== undefined) return device.door;
    const known = this.types.map(({ id }) => id).join(", ");
    throw new RangeError(
      `devices: the machine has no devices of the kind ${JSON.stringify(type.id)} (allowed: ${known})`,
    );
  }

  /** Memory that is in the machine, by address. */
  memory(): DeviceMemory[] {
    return this.all()
      .flatMap((device) => device.memory())
      .sort((a, b) => a.addr - b.addr);
  }

  /** Drivers that the kernel has for them as modules. */
  get modules(): DriverModule[] {
    return this.all().flatMap(({ module }) => module ?? []);
  }

  /** Loads a driver; one that the kernel has not is refused. */
  async loadModule(name: string, words: string, config: KernelConfig): Promise<Result<void>> {
    const module = this.modules.find((each) => each.name === name);
    if (module === undefined) return refused(this.#noModule(name));
    const missing = module.needs?.find((each) => !config[each]);
    if (missing === undefined) return module.load(words);
    return refused({ ...noModule(name, []), code: "not_built", ...builtWithout(missing) });
  }

  /** Takes a driver out again. */
  async unloadModule(name: string): Promise<Result<void>> {
    const module = this.modules.find((each) => each.name === name);
    if (module === undefined) return refused(this.#noModule(name));
    if (module.unload !== undefined) return module.unload();
    return refused({
      ...noModule(name, []),
      errno: "EOPNOTSUPP",
      rule: "memhp does not take this module out again",
      remedy: ["leave it loaded"],
    });
  }

  #noModule(name: string): Refusal {
    const [remedy] = this.all().flatMap((device) => device.whereIsModule?.(name) ?? []);
    const refusal = noModule(name, this.modules);
    return remedy === undefined ? refusal : { ...refusal, remedy: [remedy] };
  }

  /** What waited for time in an image waits again. */
  async goOn(): Promise<void> {
    for (const device of this.all()) await device.goOn?.();
  }

  /** Blocks that drivers of devices brought as memory slower than DRAM. */
  slowBlocks(): readonly number[] {
    return this.all().flatMap((device) => device.slowBlocks?.() ?? []);
  }

  /** Files of devices; undefined where no kind has any. */
  get files(): AddedFiles | undefined {
    const own = this.all().flatMap((device) => device.files?.bind(device) ?? []);
    return own.length === 0 ? undefined : () => Object.assign({}, ...own.map((files) => files()));
  }

  /** What the machine says of its devices when the guest is reset, and what each kind keeps. */
  afterReset(specs: Readonly<Record<string, unknown>>): {
    readonly specs: Record<string, unknown>;
    readonly images: Record<string, unknown>;
  } {
    const kept = [...this.#devices].map(([{ id }, device]) => ({ id, spec: specs[id], ...device.afterReset?.() }));
    const parts = (field: "spec" | "image"): Record<string, unknown> =>
      Object.fromEntries(kept.flatMap((each) => (each[field] === undefined ? [] : [[each.id, each[field]]])));
    return { specs: parts("spec"), images: parts("image") };
  }

  snapshot(): Record<string, unknown> {
    const parts = [...this.#devices].map(([{ id }, device]) => [id, device.snapshot()] as const);
    return Object.fromEntries(parts.filter(([, image]) => image !== undefined));
  }
}

function checkKinds(types: readonly DeviceType[], where: string, parts: Readonly<Record<string, unknown>>): void {
  const known = types.map(({ id }) => id);
  const unknown = Object.keys(parts).find((id) => !known.includes(id));
  if (unknown !== undefined)
    throw new ImageError(
      `${where}.${unknown}`,
      `is a kind of device that must be given again (devices given: ${known.join(", ")})`,
    );
}

function noModule(name: string, modules: readonly DriverModule[]): Refusal {
  const known = modules.map((each) => each.name).join(", ");
  return {
    errno: "ENOENT",
    code: "no_entry",
    rule: "modprobe: no such module",
    retry: "no",
    remedy: [known === "" ? "this kernel has no driver of memory devices as a module" : `load one of ${known}`],
    detail: name,
  };
}
