import { memparse } from "@memhp/abi";
import type { IgnoredWord } from "@memhp/devices";
import { isCrashkernel } from "../board/crash-kernel.ts";
import { isPoolByNode } from "./boot-options.ts";

const PARAMETERS: readonly string[] = [
  "online_policy",
  "auto_movable_ratio",
  "auto_movable_numa_aware",
  "memmap_on_memory",
];

/** Why a word that concerns memory is not carried out; undefined where it is. By the word's name. */
type Judge = (value: string) => string | undefined;

const always =
  (why: string): Judge =>
  () =>
    why;

const noReserve = always("memhp sets no memory aside for it");
const noDebug = always("memhp has no such check of memory");
const noThp = always("memhp has no transparent huge pages");
const noPolicy = always("memhp has no such policy of memory");

const judges: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  [
    "numa",
    (value) =>
      value === "off" || /^fake=\d+[MGU]?$/i.test(value) ? undefined : "expected off, fake=N, fake=SIZE or fake=NU",
  ],
  ["mem", (value) => (memparse(value) === undefined ? "expected a size" : undefined)],
  [
    "memmap",
    (value) => {
      const parts = /^([^$@#!]+)(?:[$#!](.+))?$/.exec(value);
      if (parts === null) return "there is no RAM but what machine says: memmap=SIZE$START takes some away";
      const areSizes = [parts[1], parts[2] ?? "0"].every((part) => memparse(part as string) !== undefined);
      return areSizes ? undefined : "expected SIZE, or SIZE$START";
    },
  ],
  [
    "hugepages",
    (value) => (/^\d+$/.test(value) || isPoolByNode(value) ? undefined : "expected a number, or NODE:NUMBER,…"),
  ],
  ["hugetlb_cma", noReserve],
  ["cma", noReserve],
  [
    "crashkernel",
    (value) => (isCrashkernel(value) ? undefined : "expected SIZE, SIZE@START, SIZE,high, SIZE,low or ranges of RAM"),
  ],
  ["swiotlb", noReserve],
  ["reserve_mem", noReserve],
  ["memblock", noDebug],
  ["memtest", noDebug],
  ["page_owner", noDebug],
  ["page_poison", noDebug],
  ["init_on_alloc", noDebug],
  ["init_on_free", noDebug],
  ["kmemleak", noDebug],
  ["slub_debug", noDebug],
  ["memory_corruption_check", noDebug],
  ["transparent_hugepage", noThp],
  ["thp_anon", noThp],
  ["numa_balancing", noPolicy],
  ["numa_zonelist_order", noPolicy],
  ["hashdist", noPolicy],
  ["hugetlb_free_vmemmap", noPolicy],
  ["swapaccount", noPolicy],
  ["page_alloc.shuffle", noPolicy],
  ["mem_encrypt", noPolicy],
  ["vmalloc", noPolicy],
  ["highmem", noPolicy],
  [
    "efi_fake_mem",
    always("soft-reserved memory is written into dax of machine: { id: dax0.0, source: hmem, size: 1G, node: 0 }"),
  ],
  ["add_efi_memmap", always("the firmware's memory map comes from machine alone")],
]);

/** Words that memhp carries out, whatever their value. */
const carriedOut: ReadonlySet<string> = new Set([
  "kernelcore",
  "movablecore",
  "movable_node",
  "memhp.hot_add_movable",
  "memhp_default_state",
  "acpi_no_memhotplug",
  "hugepagesz",
  "default_hugepagesz",
]);

/** Words that are no matter of memory: consoles, root, what is printed. */
const others = new RegExp(
  "^(console|earlycon|earlyprintk|printk\\..*|quiet|splash|debug|loglevel|ignore_loglevel|log_buf_len|panic.*|oops|reboot|ro|rw|root|rootfstype|" +
    "rootflags|rootwait|rootdelay|init|rdinit|initrd|rd\\..*|systemd\\..*|net\\..*|ip|BOOT_IMAGE|nokaslr|kaslr|mitigations|nopti|tsc|clocksource|" +
    "selinux|apparmor|security|audit|nmi_watchdog|nowatchdog|nosmp|maxcpus|nr_cpus|isolcpus|acpi|pci|iommu|intel_iommu|amd_iommu|vga|fbcon|fsck\\..*|" +
    "module_blacklist|modprobe\\..*|plymouth\\..*|resume|noresume|single|[1-5]|dyndbg|.*\\.dyndbg|agent_tty|cgroup.*|efi|biosdevname|net.ifnames|consoleblank|--)$",
);

/**
 * Words of a kernel command line that are not carried out.
 * @param why by the word's name and its value, and whether it stands without `=`; undefined where it is carried out
 */
export function wordsIgnored(
  cmdline: string,
  why: (name: string, value: string, isAlone: boolean) => string | undefined,
): IgnoredWord[] {
  return cmdline.split(/\s+/).flatMap((word) => {
    const [name = ""] = word.split("=", 1);
    const reason = why(name, word.slice(name.length + 1), name === word);
    return reason === undefined ? [] : [{ where: "machine.cmdline", word, why: reason }];
  });
}

/** The name of a parameter of memory_hotplug, where a word sets one. */
export function hotplugParameter(name: string): string | undefined {
  return /^memory_hotplug\.(.*)$/.exec(name)?.[1];
}

/** Words of a kernel command line that memhp does not carry out; those that are no matter of memory are left alone. */
export function ignoredBootWords(cmdline: string): IgnoredWord[] {
  return wordsIgnored(cmdline, (name, value) => {
    const parameter = hotplugParameter(name);
    if (parameter !== undefined)
      return PARAMETERS.includes(parameter)
        ? undefined
        : `memory_hotplug has no such parameter (known: ${PARAMETERS.join(", ")})`;
    if (judges.has(name)) return judges.get(name)?.(value);
    return name === "" || carriedOut.has(name) || others.test(name) ? undefined : "memhp does not know this word";
  });
}
