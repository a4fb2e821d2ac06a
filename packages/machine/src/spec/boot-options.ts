import { type DefaultOnlineType, kstrtouint, memparse } from "@memhp/abi";
import type { Kernel } from "@memhp/kernels";
import type { FirmwareEntry } from "@memhp/platforms";
import { parseBool } from "@memhp/sysfs";

/** Boot options that memory hotplug reads; unknown words are left alone as the kernel does. */
export interface BootOptions {
  readonly kernelcore: string | undefined;
  readonly movablecore: string | undefined;
  readonly movableNode: boolean;
  /**
   * `memhp.hot_add_movable`, which no kernel has: the switch for hot-add to ZONE_MOVABLE that the 4.1 document leaves to the
   * future. Later kernels do the same by memhp_default_state=online_movable.
   */
  readonly hotAddMovable: boolean;
  readonly numaOff: boolean;
  /** `numa=fake=`, as it is written. */
  readonly numaFake: string | undefined;
  /** `crashkernel=`, as it is written: the last that names no place, or else the last `,high`, with what of it lies low. */
  readonly crashkernel: { readonly text: string; readonly lowBytes?: number } | undefined;
  readonly acpiNoMemhotplug: boolean;
  /** `mem=`: bytes that the kernel uses at most. */
  readonly memLimitBytes: number | undefined;
  /** A bare `memmap=SIZE` cuts boot memory off as `mem=` does, and nothing else (arch/x86/kernel/e820.c parse_memmap_one). */
  readonly memmapLimitBytes: number | undefined;
  /** `memmap=size$start`, `size#start` and `size!start`: bytes taken out of RAM, and what they are then. */
  readonly reserved: readonly { readonly start: number; readonly size: number; readonly type: FirmwareType }[];
  readonly defaultState: string | undefined;
  /** `hugepages=`, each of the `hugepagesz=` before it. */
  readonly hugepages: readonly PoolWish[];
  /** `default_hugepagesz=`. */
  readonly defaultHugepageKb: number | undefined;
  /** memory_hotplug.*; null for a word that stands without `=`. */
  readonly parameters: Readonly<Record<string, string | null>>;
}

/** One `hugepages=`: so many, or so many of each node (`0:10,1:20`). */
export interface PoolWish {
  /** Of the `hugepagesz=` before it; of the default size without one. */
  readonly sizeKb?: number;
  readonly count: number;
  readonly ofNodes?: readonly { readonly node: number; readonly count: number }[];
}

type FirmwareType = FirmwareEntry["type"];

/** parse_memmap_one: reserved, ACPI data, protected (persistent) memory. */
const memmapTypes: Readonly<Record<"$" | "#" | "!", FirmwareType>> = {
  $: "Reserved",
  "#": "ACPI Tables",
  "!": "Persistent Memory (legacy)",
};

/** Reads a kernel command line (facts/kernel.md §8). */
export function parseBootOptions(cmdline: string): BootOptions {
  const words = cmdline.split(/\s+/).filter((word) => word !== "");
  const value = (name: string): string | undefined =>
    words.findLast((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const mem = value("mem");
  const memmap = words.findLast((word) => /^memmap=[^$@#!]+$/.test(word))?.slice("memmap=".length);
  const reserved = words.flatMap((word) => {
    const match = /^memmap=([^$@#!]+)([$#!])(.+)$/.exec(word);
    if (match === null) return [];
    const size = memparse(match[1] as string);
    const start = memparse(match[3] as string);
    const type = memmapTypes[match[2] as keyof typeof memmapTypes];
    return size === undefined || start === undefined ? [] : [{ start, size, type }];
  });
  const parameters: Record<string, string | null> = {};
  for (const word of words) {
    const match = /^memory_hotplug\.([a-z_]+)(?:=(.*))?$/.exec(word);
    if (match !== null) parameters[match[1] as string] = match[2] ?? null;
  }
  return {
    kernelcore: value("kernelcore"),
    movablecore: value("movablecore"),
    movableNode: words.includes("movable_node"),
    hotAddMovable: words.includes("memhp.hot_add_movable"),
    numaOff: words.includes("numa=off"),
    numaFake: words.findLast((word) => word.startsWith("numa=fake="))?.slice("numa=fake=".length),
    crashkernel: crashkernelOf(words),
    acpiNoMemhotplug: words.includes("acpi_no_memhotplug"),
    memLimitBytes: mem === undefined ? undefined : memparse(mem),
    memmapLimitBytes: memmap === undefined ? undefined : memparse(memmap),
    reserved,
    defaultState: value("memhp_default_state"),
    hugepages: hugepagePools(words),
    defaultHugepageKb: kilobytesOf(value("default_hugepagesz")),
    parameters,
  };
}

/** get_last_crashkernel: a plain word goes before those with a suffix; `,low` belongs to `,high`. */
function crashkernelOf(words: readonly string[]): BootOptions["crashkernel"] {
  const values = words.flatMap((word) => (word.startsWith("crashkernel=") ? [word.slice("crashkernel=".length)] : []));
  const plain = values.findLast((value) => !/,(high|low)$/.test(value));
  const high = values.findLast((value) => value.endsWith(",high"));
  const low = memparse(values.findLast((value) => value.endsWith(",low"))?.slice(0, -",low".length) ?? "");
  if (plain !== undefined) return { text: plain };
  return high === undefined ? undefined : { text: high, ...(low === undefined ? {} : { lowBytes: low }) };
}

function kilobytesOf(text: string | undefined): number | undefined {
  const bytes = memparse(text ?? "");
  return bytes === undefined ? undefined : bytes / 1024;
}

function hugepagePools(words: readonly string[]): PoolWish[] {
  const pools: PoolWish[] = [];
  let sizeKb: number | undefined;
  for (const word of words) {
    const [name, text = ""] = word.split("=");
    if (name === "hugepagesz") sizeKb = kilobytesOf(text) ?? sizeKb;
    // What follows is of the default size (hugetlb.c default_hugepagesz_setup).
    if (name === "default_hugepagesz") sizeKb = undefined;
    const wish = name === "hugepages" ? readPoolWish(text) : undefined;
    if (wish !== undefined) pools.push({ ...(sizeKb === undefined ? {} : { sizeKb }), ...wish });
  }
  return pools;
}

/** A number, or numbers by node: `10`, `0:10,1:20` (mm/hugetlb.c hugepages_setup). */
function readPoolWish(text: string): Pick<PoolWish, "count" | "ofNodes"> | undefined {
  if (/^\d+$/.test(text)) return { count: Number(text) };
  if (!isPoolByNode(text)) return undefined;
  const ofNodes = text.split(",").map((part) => {
    const [node, count] = part.split(":").map(Number) as [number, number];
    return { node, count };
  });
  return { count: ofNodes.reduce((sum, { count }) => sum + count, 0), ofNodes };
}

/** Whether a value of `hugepages=` has a count for each node. */
export function isPoolByNode(text: string): boolean {
  return /^\d+:\d+(,\d+:\d+)*$/.test(text);
}

/** auto_online_blocks after boot: the kernel's default, or memhp_default_state= where it is a known word (observed-6 §2). */
export function bootAutoOnline({ sysfs, config }: Kernel, { defaultState }: BootOptions): DefaultOnlineType {
  const words = sysfs.autoOnlineWords;
  if (words.length === 0) return "offline";
  return words.find((word) => word === defaultState) ?? config.defaultOnlineType;
}

/** Module parameters of memory_hotplug after boot. */
export interface HotplugParameters {
  policy: "contig-zones" | "auto-movable";
  /** auto_movable_ratio, in percent. */
  ratio: number;
  numaAware: boolean;
  memmapOnMemory: "N" | "Y" | "force";
}

/** A parameter that is a plain bool: without a value it is true (kernel/params.c param_set_bool). Undefined where the kernel refuses it. */
export function plainBool(kernel: Kernel, value: string | null): boolean | undefined {
  return value === null || parseBool(kernel, value);
}

/** memmap_on_memory takes `force` besides Y and N. */
export function takesForce({ add }: Kernel): boolean {
  return add.memmapOnMemory === "per-block";
}

/**
 * memory_hotplug.memmap_on_memory: a plain bool, or with `force` a parameter of its own, which the kernel does not set without a value
 * (set_memmap_mode; kernel/params.c parse_one). Undefined where the kernel refuses it.
 */
export function memmapMode(kernel: Kernel, value: string | null): HotplugParameters["memmapOnMemory"] | undefined {
  if (takesForce(kernel) && value === null) return undefined;
  // Older kernels read the first letter of `false`: it comes to N, which is not what was asked for.
  if (value === "force" || value === "FORCE") return takesForce(kernel) ? "force" : undefined;
  const enabled = plainBool(kernel, value);
  return enabled === undefined ? undefined : enabled ? "Y" : "N";
}

/** Reads memory_hotplug.*; a bad value leaves the default (observed-6 §4: `force` on 6.1 reads N). */
export function bootParameters(kernel: Kernel, options: BootOptions): HotplugParameters {
  const { online_policy, auto_movable_ratio, auto_movable_numa_aware = "", memmap_on_memory = "" } = options.parameters;
  const ratio = kstrtouint(auto_movable_ratio ?? "");
  return {
    policy: online_policy === "auto-movable" ? "auto-movable" : "contig-zones",
    ratio: typeof ratio === "number" ? ratio : 301,
    numaAware: plainBool(kernel, auto_movable_numa_aware) ?? true,
    memmapOnMemory: memmapMode(kernel, memmap_on_memory) ?? "N",
  };
}
