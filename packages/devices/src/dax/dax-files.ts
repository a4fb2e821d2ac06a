import { type Errno, kstrtoull, refused, type Result } from "@memhp/abi";
import type { ByteRange } from "@memhp/platforms";
import { type FileNode, link, type LinkNode, parseBool, readOnly, readWrite, writeOnly } from "@memhp/sysfs";
import type { DriverKernel } from "../driver-kernel.ts";
import type { DaxDevice, DaxDriver } from "./dax-device.ts";
import type { DaxDevices } from "./dax-devices.ts";
import { parentOf, regionNumber } from "./dax-regions.ts";
import { DAX_ALIGN } from "./dax-spec.ts";
import { MODALIAS } from "./dax-uevents.ts";

type Files = Record<string, FileNode | LinkNode>;

const BUS = "/sys/bus/dax";
/** alloc_chrdev_region takes a free major number; which is the boot's matter. */
const DEVICE_MAJOR = 252;

/** The dax bus in /sys: its devices, its drivers, and the regions (drivers/dax/bus.c; from source, not recorded). Paths as daxctl walks them. */
export function daxFiles(devices: DaxDevices, kernel: DriverKernel): Files {
  const all = devices.all();
  if (devices.rules === undefined || (all.length === 0 && !devices.isLoaded)) return {};
  const files: Files = {};
  for (const driver of devices.drivers) Object.assign(files, driverFiles(devices, kernel, driver));
  for (const [minor, device] of all.entries())
    Object.assign(files, deviceFiles(device, kernel, minor), regionFiles(device, kernel));
  return files;
}

function driverFiles(devices: DaxDevices, kernel: DriverKernel, driver: DaxDriver): Files {
  const dir = `${BUS}/drivers/${driver}`;
  const name = (text: string): string => text.replace(/\n$/, "");
  const links = devices
    .all()
    .filter((device) => device.driver === driver)
    .map(({ id, devpath }) => [`${dir}/${id}`, link(`../../../..${devpath}`)]);
  return {
    [`${dir}/bind`]: writeOnly(kernel, ({ text }) => devices.bindNow(driver, name(text))),
    [`${dir}/new_id`]: writeOnly(kernel, ({ text }) => devices.newIdNow(driver, text)),
    [`${dir}/remove_id`]: writeOnly(kernel, ({ text }) => devices.removeIdNow(driver, text)),
    [`${dir}/unbind`]: writeOnly(kernel, ({ text }) => devices.unbindNow(driver, name(text))),
    ...(Object.fromEntries(links) as Files),
  };
}

function deviceFiles(device: DaxDevice, kernel: DriverKernel, minor: number): Files {
  const { id, own, rules, devpath, driver } = device;
  const dir = `/sys${devpath}`;
  const up = "../".repeat(devpath.split("/").length - 1);
  const isStatic = own.source === "pmem";
  const number = (value: number): FileNode => readOnly(() => `${value}\n`);
  const size = (): string => `${device.sizeBytes}\n`;
  const align = (): string => `${DAX_ALIGN}\n`;
  const canResize = rules.mappings && !isStatic;
  return {
    [`${BUS}/devices/${id}`]: link(`../../..${devpath}`),
    // Where daxctl looks for the bus of a device that it found in /dev.
    [`/sys/dev/char/${DEVICE_MAJOR}:${minor}`]: link(`../..${devpath}`),
    ...(rules.mappings ? { [`${dir}/align`]: readOnly(align) } : {}),
    [`${dir}/dev`]: readOnly(() => `${DEVICE_MAJOR}:${minor}\n`),
    ...(driver === undefined ? {} : { [`${dir}/driver`]: link(`${up}bus/dax/drivers/${driver}`) }),
    ...(rules.mappings ? mappingFiles(dir, own.ranges, kernel.pageBytes) : {}),
    ...(rules.memmapOnMemory === "attribute" ? { [`${dir}/memmap_on_memory`]: memmapFile(device, kernel) } : {}),
    [`${dir}/modalias`]: readOnly(() => `${MODALIAS}\n`),
    [`${dir}/numa_node`]: number(kernel.nodeOf(own.node)),
    [`${dir}/resource`]: readOnly(() => `0x${(own.ranges[0]?.start ?? own.region.start).toString(16)}\n`, 0o400),
    [`${dir}/size`]: canResize ? readWrite(kernel, size, ({ text }) => resize(device, text)) : readOnly(size),
    [`${dir}/subsystem`]: link(`${up}bus/dax`),
    [`${dir}/target_node`]: number(kernel.nodeOf(own.node)),
  };
}

function memmapFile(device: DaxDevice, kernel: DriverKernel): FileNode {
  return readWrite(
    kernel,
    () => (device.own.memmapOnMemory ? "1\n" : "0\n"),
    ({ text }) => {
      const value = parseBool(kernel, text);
      return value === undefined ? notRead(text, "EINVAL") : device.setMemmapOnMemory(value);
    },
  );
}

function mappingFiles(dir: string, ranges: readonly ByteRange[], pageBytes: number): Files {
  let pages = 0;
  const files = ranges.map(({ start, end }, i) => {
    const offset = pages;
    pages += (end - start) / pageBytes;
    const hex = (value: number): FileNode =>
      readOnly(() => `${value === 0 ? "0" : `0x${value.toString(16)}`}\n`, 0o400);
    const at = `${dir}/mapping${i}`;
    return { [`${at}/end`]: hex(end - 1), [`${at}/page_offset`]: hex(offset), [`${at}/start`]: hex(start) };
  });
  return Object.assign({}, ...files) as Files;
}

function regionFiles(device: DaxDevice, kernel: DriverKernel): Files {
  const { id, own, freeBytes, rules } = device;
  const dir = `/sys${parentOf(id, own.source)}/dax_region`;
  const bytes = own.region.end - own.region.start;
  const one = (value: number, mode?: number): FileNode => readOnly(() => `${value}\n`, mode);
  return {
    [`${dir}/align`]: one(DAX_ALIGN, 0o400),
    ...(rules.mappings && own.source !== "pmem"
      ? {
          [`${dir}/available_size`]: one(freeBytes),
          [`${dir}/create`]: writeOnly(kernel, () => oneDevice(id, "create")),
          [`${dir}/delete`]: writeOnly(kernel, () => oneDevice(id, "delete")),
        }
      : {}),
    [`${dir}/id`]: one(regionNumber(id)),
    [`${dir}/size`]: one(own.source === "pmem" ? device.sizeBytes : bytes),
    [`/sys${parentOf(id, own.source)}/numa_node`]: one(kernel.nodeOf(own.node)),
  };
}

/** create_store and delete_store make and end further devices of a region, which memhp does not have. */
function oneDevice(id: string, verb: string): Result<never> {
  return refused({
    errno: "EOPNOTSUPP",
    code: "not_built",
    rule: `drivers/dax/bus.c: ${verb}_store, which memhp does not carry out`,
    retry: "no",
    remedy: ["describe another region in dax of machine", "write to the device's size"],
    detail: `memhp has one device in a region, ${id}`,
  });
}

function resize(device: DaxDevice, text: string): Result<void> {
  const bytes = kstrtoull(text);
  if (typeof bytes === "string") return notRead(text, bytes);
  return bytes > BigInt(Number.MAX_SAFE_INTEGER) ? notRead(text, "ENOSPC") : device.resize(Number(bytes));
}

function notRead(text: string, errno: Errno): Result<never> {
  return refused({
    errno,
    code: errno === "EINVAL" ? "bad_word" : "out_of_range",
    rule: "drivers/dax/bus.c: size_store, memmap_on_memory_store (from source, not recorded)",
    retry: "no",
    remedy: ["write a number of bytes to size, 0 or 1 to memmap_on_memory"],
    detail: JSON.stringify(text.slice(0, 64)),
  });
}
