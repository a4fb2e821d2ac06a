import { type Errno, formatNumberList, type Refusal, type RefusalCode, refused, type Refused } from "@memhp/abi";

type Rest = Pick<Refusal, "remedy"> & Partial<Pick<Refusal, "detail" | "retry" | "block" | "total">>;

/** @param where the file and function of the kernel's source that say so: none of this was recorded. */
function refuse(errno: Errno, code: RefusalCode, where: string, rest: Rest): Refused {
  return refused({ errno, code, rule: `${where} (from source, not recorded)`, retry: "no", ...rest });
}

const hex = (bytes: number): string => `0x${bytes.toString(16)}`;

/** The answers of the dax bus and its drivers that are no success. */
export const DAX_REFUSALS = {
  noDevice: (name: string, known: readonly string[]): Refused =>
    refuse("ENODEV", "no_entry", "drivers/base/bus.c: bind_store, unbind_store", {
      remedy: [known.length === 0 ? "give the machine dax devices" : `name one of ${known.join(", ")}`],
      detail: JSON.stringify(name),
    }),
  notItsDriver: (id: string, driver: string, has: string | undefined): Refused =>
    refuse("ENODEV", "no_entry", "drivers/base/bus.c: unbind_store", {
      remedy: [has === undefined ? `no driver has ${id}` : `write it to unbind of ${has}`],
      detail: `${driver} does not have ${id}`,
    }),
  noMatch: (id: string, driver: string): Refused =>
    refuse("ENODEV", "no_entry", "drivers/dax/bus.c: dax_bus_match", {
      remedy: [`write ${id} to new_id of ${driver}`],
      detail: `${driver} is not for ${id}`,
    }),
  hasDriver: (id: string, has: string, errno: "EBUSY" | "ENODEV"): Refused =>
    refuse(errno, "already_in_state", "drivers/base/dd.c: device_driver_attach", {
      remedy: [`write ${id} to unbind of ${has} first`],
      detail: `${has} has ${id}`,
    }),
  probeLost: (cause: Refusal): Refused => ({
    ok: false,
    refusal: { ...cause, errno: "ENODEV", detail: `the driver said ${cause.errno}; ${cause.detail ?? cause.rule}` },
  }),
  noId: (text: string): Refused =>
    refuse("EINVAL", "bad_word", "drivers/dax/bus.c: do_id_store", {
      remedy: ["write a name such as dax0.0"],
      detail: JSON.stringify(text.slice(0, 64)),
    }),
  empty: (id: string): Refused =>
    refuse("ENXIO", "out_of_range", "drivers/dax/bus.c: dax_bus_probe", {
      remedy: [`write a size to the file size of ${id}`],
      detail: `${id} has size 0`,
    }),
  noWholeBlock: (id: string, blockBytes: number): Refused =>
    refuse("EINVAL", "unaligned", "drivers/dax/kmem.c: dev_dax_kmem_probe", {
      remedy: [`give ${id} a whole block of ${hex(blockBytes)} bytes, on a multiple of that`],
      detail: `no mapping of ${id} holds a whole block`,
    }),
  reserved: (id: string, range: string): Refused =>
    refuse("EBUSY", "overlap", "drivers/dax/kmem.c, device.c: request_mem_region", {
      remedy: ["boot again: memory that a driver left behind cannot be had before"],
      detail: `something else has ${range} of ${id}`,
    }),
  left: (id: string, mappings: readonly number[], online: readonly number[], isBuilt: boolean): Refusal =>
    refuse("EBUSY", "already_in_state", "drivers/dax/kmem.c: dev_dax_kmem_remove", {
      remedy: isBuilt
        ? [
            `another time, offline all blocks of ${id} before its driver is unbound: daxctl offline-memory ${id}`,
            "boot again: until then the memory stays, and no driver can have the device",
          ]
        : ["build the kernel with CONFIG_MEMORY_HOTREMOVE"],
      ...(online[0] === undefined ? {} : { block: online[0] }),
      total: online.length,
      detail: `the unbind succeeded, and the kernel keeps the memory of ${id}: mapping ${mappings.join(", ")}${online.length === 0 ? "" : `; not offline: ${formatNumberList(online)}`}`,
    }).refusal,
  bound: (id: string, driver: string): Refused =>
    refuse("EBUSY", "already_in_state", "drivers/dax/bus.c: dev_dax_resize, align_store, memmap_on_memory_store", {
      remedy: [`write ${id} to unbind of ${driver} first`],
      detail: `${driver} has ${id}`,
    }),
  noSpace: (id: string, bytes: number, free: number): Refused =>
    refuse("ENOSPC", "out_of_range", "drivers/dax/bus.c: dev_dax_resize", {
      remedy: [`${free} bytes of its region are free`],
      detail: `${id} was to grow by ${bytes} bytes`,
    }),
  misaligned: (id: string, bytes: number, align: number): Refused =>
    refuse("EINVAL", "unaligned", "drivers/dax/bus.c: size_store", {
      remedy: [`choose a multiple of ${align} bytes`],
      detail: `${id}: ${bytes} bytes`,
    }),
  noMemmap: (id: string): Refused =>
    refuse("EOPNOTSUPP", "not_built", "drivers/dax/bus.c: memmap_on_memory_store", {
      remedy: ["boot with memory_hotplug.memmap_on_memory=1"],
      detail: `${id}: memory_hotplug.memmap_on_memory is off, or a block is too small for its own struct pages`,
    }),
  notHere: (id: string, isHere: boolean): Refused =>
    refuse(isHere ? "EEXIST" : "ENODEV", isHere ? "already_in_state" : "no_entry", "a region is there or it is not", {
      remedy: [isHere ? `destroy ${id} first` : `create ${id} first`],
      detail: id,
    }),
  inUse: (id: string, online: readonly number[]): Refused =>
    refuse("EBUSY", "already_in_state", "ndctl: cxl disable-region leaves a region alone whose memory is online", {
      remedy: [`offline its blocks first: daxctl offline-memory ${id}`],
      ...(online[0] === undefined ? {} : { block: online[0] }),
      total: online.length,
      detail: `${online.length} blocks of ${id} are not offline`,
    }),
  leftBehind: (id: string): Refused =>
    refuse("EBUSY", "already_in_state", "drivers/dax/kmem.c: dev_dax_kmem_remove", {
      remedy: ["boot again"],
      detail: `the kernel kept memory of ${id} when its driver left`,
    }),
  loaded: (name: string): Refused =>
    refuse("EEXIST", "already_in_state", "insmod: a module is loaded once", {
      remedy: ["go on: the driver is there"],
      detail: name,
    }),
  notLoaded: (name: string): Refused =>
    refuse("ENOENT", "no_entry", "rmmod: the module is not loaded", { remedy: ["insmod first"], detail: name }),
  noBus: (id: string, why: string): Refused =>
    refuse("ENODEV", "not_built", "drivers/dax", { remedy: ["boot a kernel that has it"], detail: `${id}: ${why}` }),
};
