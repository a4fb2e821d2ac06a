import { builtWithout } from "@memhp/abi";
import { sourceNote } from "@memhp/kernels";
import type { Machine } from "@memhp/machine";
import { offlineOutlook } from "@memhp/machine";
import { balloonOfMachine, daxOfMachine, type ExplainedBalloon, type ExplainedDax } from "./driver-managed.ts";
import { type Answer, type ExplainedBlock, explainedBlock, type ExplainedGroup, groupBlocks } from "./explained.ts";
import type { ExplainedPlan } from "./plan.ts";
import type { ExplainedVirtioMem } from "./virtio-mem/explained-virtio-mem.ts";
import { virtioMemsOfMachine } from "./virtio-mem/machine-virtio-mem.ts";

/** What `memhp explain --json` prints. */
export interface Explanation {
  readonly format: "memhp-explain/1";
  /** Kernel whose rules are used. */
  readonly kernel: string;
  /** A machine, whose pages are known, the files of one, or a captured host with what its pages show of themselves. */
  readonly source: "machine" | "files" | "capture";
  /** Bytes; null where the files do not tell. */
  readonly block_size: number | null;
  /** Bytes; null where the files do not tell. */
  readonly page_size: number | null;
  /** Blocks by answer. */
  readonly counts: Readonly<Record<Answer, number>>;
  readonly groups: readonly ExplainedGroup[];
  /** What the source does not tell and an answer may depend on. */
  readonly cannot_tell: readonly string[];
  /** What speaks against the kernel whose rules are used, or that no recorded run proves it. */
  readonly warnings?: readonly string[];
  readonly plan?: ExplainedPlan;
  /** Devices of virtio-mem; absent where there are none. */
  readonly virtio_mem?: readonly ExplainedVirtioMem[];
  /** Dax devices whose memory the kernel has; absent where there are none. */
  readonly dax?: readonly ExplainedDax[];
  /** Absent where the machine has none. */
  readonly balloon?: ExplainedBalloon;
  /** Words of a machine that are not carried out; absent where there are none. */
  readonly ignored?: Machine["ignored"];
}

type Source = Omit<Explanation, "format" | "counts" | "groups">;

/** Blocks with what is said of them, put together. */
export function explanationOf(blocks: readonly ExplainedBlock[], source: Source): Explanation {
  const counts: Record<Answer, number> = {
    goes_offline: 0,
    kills_programs: 0,
    refused: 0,
    never_ends: 0,
    unknown: 0,
    is_offline: 0,
  };
  for (const { answer } of blocks) counts[answer]++;
  const { kernel, source: kind, block_size, page_size, cannot_tell, warnings, plan } = source;
  return {
    format: "memhp-explain/1",
    kernel,
    source: kind,
    block_size,
    page_size,
    counts,
    groups: groupBlocks(blocks),
    cannot_tell,
    ...(warnings === undefined ? {} : { warnings }),
    ...(plan === undefined ? {} : { plan }),
  };
}

/** Explains blocks of a machine; nothing is tried. */
export async function explainMachine(machine: Machine, blocks: readonly number[]): Promise<Explanation> {
  const outlook = await offlineOutlook(machine, blocks);
  const note = sourceNote(machine.kernel);
  const warnings = [
    ...(note === undefined ? [] : [note]),
    ...(machine.kernel.config.MEMORY_HOTPLUG
      ? []
      : [`Memory has no blocks: ${builtWithout("MEMORY_HOTPLUG").detail}.`]),
  ];
  const devices = await virtioMemsOfMachine(machine);
  const explanation = explanationOf(outlook.map(explainedBlock), {
    kernel: machine.kernel.id,
    source: "machine",
    block_size: machine.board.blockSizeBytes,
    page_size: machine.pageSize,
    cannot_tell: [],
    ...(warnings.length === 0 ? {} : { warnings }),
  });
  const dax = await daxOfMachine(machine);
  const balloon = balloonOfMachine(machine);
  return {
    ...explanation,
    ...(devices.length === 0 ? {} : { virtio_mem: devices }),
    ...(dax.length === 0 ? {} : { dax }),
    ...(balloon === undefined ? {} : { balloon }),
  };
}
