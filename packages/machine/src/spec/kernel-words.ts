import { type ConfigSwitch, formatSize, kstrtouint, memparse } from "@memhp/abi";
import type { IgnoredWord } from "@memhp/devices";
import type { Kernel } from "@memhp/kernels";
import { platformOf } from "@memhp/platforms";
import { builtPlatform } from "../board/built-platform.ts";
import { isPoolByNode, memmapMode, plainBool, takesForce } from "./boot-options.ts";
import { hotplugParameter, wordsIgnored } from "./ignored-words.ts";
import { hugepageSizesKb } from "./hugepage-pools.ts";
import type { MachineSpec } from "./spec.ts";

/** Why a kernel does not carry out a word that others do; undefined where it does. */
type Judge = (kernel: Kernel, value: string) => string | undefined;

const without =
  (...needed: readonly ConfigSwitch[]): Judge =>
  ({ config }) => {
    const missing = needed.find((name) => !config[name]);
    return missing === undefined ? undefined : `this kernel was built without CONFIG_${missing}`;
  };

/** Words of a command line that only some kernels know (facts/kernel.md §8). */
const judges: Readonly<Record<string, Judge>> = {
  movable_node: without("MOVABLE_NODE"),
  numa: without("NUMA"),
  acpi_no_memhotplug: without("ACPI_HOTPLUG_MEMORY"),
  hugepages: (kernel, value) =>
    without("HUGETLBFS")(kernel, value) ??
    (isPoolByNode(value) && kernel.machine.poolCounts === "of-all-nodes"
      ? "this kernel reads a number alone"
      : undefined),
  hugepagesz: without("HUGETLBFS"),
  default_hugepagesz: without("HUGETLBFS"),
  memhp_default_state: (kernel, value) => {
    const words = kernel.sysfs.autoOnlineWords;
    if (words.length === 0) return `${kernel.id} has no auto_online_blocks`;
    const isKnown = words.some((word) => word === value);
    return isKnown ? without("MEMORY_HOTPLUG")(kernel, value) : `expected ${words.join(", ")}`;
  },
  kernelcore: (kernel, value) =>
    value === "mirror" && kernel.boot.kernelcorePercent ? undefined : whyNoCore(kernel, value),
  movablecore: whyNoCore,
};

/** cmdline_parse_core. */
function whyNoCore({ boot }: Kernel, value: string): string | undefined {
  if (!boot.kernelcorePercent && /^mirror$|%$/.test(value)) return "this kernel reads a size alone";
  return memparse(value) === undefined ? "expected a size" : undefined;
}

/** memory_hotplug.*: values that a kernel takes (bootParameters reads them); null for a word without `=`. */
const parameters: Readonly<Record<string, (kernel: Kernel, value: string | null) => string | undefined>> = {
  online_policy: (_kernel, value) =>
    ["contig-zones", "auto-movable"].includes(value ?? "") ? undefined : "expected contig-zones or auto-movable",
  auto_movable_ratio: (_kernel, value) =>
    typeof kstrtouint(value ?? "") === "number" ? undefined : "expected a number of percent",
  auto_movable_numa_aware: (kernel, value) => (plainBool(kernel, value) === undefined ? "expected Y or N" : undefined),
  memmap_on_memory: (kernel, value) => {
    if (memmapMode(kernel, value) !== undefined) return undefined;
    return takesForce(kernel) ? "expected Y, N or force" : `${kernel.id} takes Y or N`;
  },
};

/** Every word of a description that is not carried out, on this kernel. */
export function ignoredWords(kernel: Kernel, { ignored = [], cmdline, arch }: MachineSpec): readonly IgnoredWord[] {
  return [
    ...ignored,
    // Words that memhp knows and this kernel does not carry out: older than the word, or built without what it is for.
    ...wordsIgnored(cmdline, (name, value, isAlone) => judgeOf(kernel, name, value, isAlone)),
    ...wordsIgnored(cmdline, (name, value) => whyNotOn(arch, name, value)),
    ...(kernel.config.HUGETLBFS ? poolsBeside(kernel, arch, cmdline) : []),
  ];
}

/** Sizes that no pool of the architecture has, with the counts that go along. */
function poolsBeside(kernel: Kernel, arch: string, cmdline: string): IgnoredWord[] {
  const known = hugepageSizesKb(builtPlatform(platformOf(arch), kernel).arch).map((kb) => kb * 1024);
  const why = `${arch} has hugepages of ${known.map((bytes) => formatSize(bytes)).join(", ")}`;
  let isOfNone = false;
  return wordsIgnored(cmdline, (name, value) => {
    const isSize = name === "hugepagesz" || name === "default_hugepagesz";
    const isUnknown = isSize && !known.includes(memparse(value) ?? 0);
    if (isSize) isOfNone = isUnknown && name === "hugepagesz";
    return isUnknown || (name === "hugepages" && isOfNone) ? why : undefined;
  });
}

/** Of a word that memhp carries out on other platforms. */
function whyNotOn(arch: string, name: string, value: string): string | undefined {
  const { emulatesNodes, reservesCrashKernel, hasE820 } = platformOf(arch);
  if (hasE820 !== true && name === "memmap") return `the kernel does not read this on ${arch}`;
  const isMissing =
    (!emulatesNodes && name === "numa" && value.startsWith("fake=")) ||
    (!reservesCrashKernel && name === "crashkernel");
  return isMissing ? `memhp does not do this on ${arch}` : undefined;
}

function judgeOf(kernel: Kernel, name: string, value: string, isAlone: boolean): string | undefined {
  const parameter = hotplugParameter(name);
  if (parameter === undefined) return Object.hasOwn(judges, name) ? judges[name]?.(kernel, value) : undefined;
  if (!kernel.config.MEMORY_HOTPLUG) return without("MEMORY_HOTPLUG")(kernel, value);
  if (!kernel.sysfs.hotplugParameters) return `${kernel.id} has no parameters of memory_hotplug`;
  return Object.hasOwn(parameters, parameter) ? parameters[parameter]?.(kernel, isAlone ? null : value) : undefined;
}
