import { builtWithout, done, type Errno, refused, type RefusalCode, type Result } from "@memhp/abi";
import type { Kernel } from "@memhp/kernels";
import type { MemoryRange } from "@memhp/acpi";
import type { Iomem } from "./iomem.ts";

/** What add_memory checks before anything changes. */
export interface AddCheck {
  readonly kernel: Kernel;
  readonly iomem: Iomem;
  readonly alignmentBytes: number;
  readonly possibleNodes: readonly number[];
  /** Bits of a physical address that the kernel could ever map. */
  readonly physmemBits: number;
  /** What `mem=` leaves of the address space now; bytes. */
  readonly memLimitBytes?: number;
  readonly log: (text: string) => void;
}

const hex = (value: number): string => `0x${value.toString(16)}`;

function refuse(errno: Errno, code: RefusalCode, rule: string, remedy: string, detail?: string): Result<void> {
  return refused({ errno, code, rule, retry: "no", remedy: [remedy], ...(detail === undefined ? {} : { detail }) });
}

/** The checks of add_memory in the kernel's order (facts/kernel.md §5.1; observed-6 §10: l_add_memory_errnos). */
export function checkAdd(check: AddCheck, range: MemoryRange, node: number): Result<void> {
  if (!check.kernel.config.MEMORY_HOTPLUG) return refuseToLink();
  const alignment = (): Result<void> => checkAlignment(check, range);
  const resource = (): Result<void> => checkResource(check, range);
  const order =
    check.kernel.add.checks === "alignment-first"
      ? [alignment, resource]
      : [() => checkAddressable(check, range), () => checkMemLimit(check, range), resource, alignment];
  for (const step of [...order, () => checkNode(check, node)]) {
    const result = step();
    if (!result.ok) return result;
  }
  return done(undefined);
}

/** Whoever calls add_memory() finds no such symbol. */
function refuseToLink(): Result<void> {
  return refused({
    errno: "ENOENT",
    code: "not_built",
    rule: "mm/Makefile: memory_hotplug.o is built with CONFIG_MEMORY_HOTPLUG",
    retry: "no",
    ...builtWithout("MEMORY_HOTPLUG"),
  });
}

/** check_hotplug_memory_range. A range that fails it is named in the log. */
export function isWholeSteps(
  { kernel, alignmentBytes, log }: Pick<AddCheck, "kernel" | "alignmentBytes" | "log">,
  range: MemoryRange,
): boolean {
  if (range.size > 0 && range.start % alignmentBytes === 0 && range.size % alignmentBytes === 0) return true;
  const what =
    kernel.add.alignment === "section" ? "Section-unaligned" : `Block size [${hex(alignmentBytes)}] unaligned`;
  log(`${what} hotplug range: start ${hex(range.start)}, size ${hex(range.size)}`);
  return false;
}

function checkAlignment(check: AddCheck, range: MemoryRange): Result<void> {
  if (isWholeSteps(check, range)) return done(undefined);
  return refuse(
    "EINVAL",
    "unaligned",
    "facts §5.1 step 1: start and size are multiples of the section (4.1) or block (6.x)",
    `choose an address and size that are multiples of ${hex(check.alignmentBytes)}`,
  );
}

/** mhp_range_allowed. Beyond what this processor has, but within what the kernel could map, is the resource's matter. */
function checkAddressable({ physmemBits, log }: AddCheck, range: MemoryRange): Result<void> {
  const limit = 2 ** physmemBits;
  if (range.size > 0 && range.start + range.size <= limit) return done(undefined);
  // The kernel prints one past the end, and of size 0 the start.
  log(
    `Hotplug memory [${hex(range.start)}-${hex(range.start + range.size)}] exceeds maximum addressable range [0x0-${hex(limit - 1)}]`,
  );
  return refuse(
    "E2BIG",
    "out_of_range",
    "facts §5.1, observed-6 §10: the range has no end, or ends where no kernel of this architecture can map",
    `choose at least one block below ${hex(limit)}`,
  );
}

/** max_mem_size: what `mem=` takes away is not to come back while the kernel boots. */
function checkMemLimit({ memLimitBytes = Number.POSITIVE_INFINITY }: AddCheck, range: MemoryRange): Result<void> {
  if (range.start + range.size <= memLimitBytes) return done(undefined);
  return refuse(
    "E2BIG",
    "out_of_range",
    "facts §2.4, §8: mem= limits what is added until boot has completed",
    "boot without mem=, or plug the memory in later",
    `it ends above mem=${hex(memLimitBytes)}`,
  );
}

function checkResource({ kernel, iomem }: AddCheck, range: MemoryRange): Result<void> {
  const conflict = iomem.conflict(range.start, range.start + range.size, kernel.add.resource === "inside-idle");
  if (conflict === undefined) return done(undefined);
  return refuse(
    "EEXIST",
    "overlap",
    "facts §5.1 step 2: the range overlaps a resource",
    "choose an address that nothing uses",
    conflict,
  );
}

function checkNode({ possibleNodes, log }: AddCheck, node: number): Result<void> {
  if (possibleNodes.includes(node)) return done(undefined);
  log(`node ${node} was absent from the node_possible_map`);
  return refuse(
    "EINVAL",
    "no_such_node",
    "observed-6 §10: the node is not possible",
    `choose one of the nodes ${possibleNodes.join(", ")}`,
  );
}
