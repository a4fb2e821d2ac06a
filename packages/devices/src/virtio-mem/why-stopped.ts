import { formatNumberList, formatSize, joinRefusals, type Refusal } from "@memhp/abi";

interface Stop {
  readonly errno: "EBUSY" | "ENOMEM";
  /** The device and its sizes, in words. */
  readonly sizes: string;
  readonly waitMs: number;
  /** What stood in the way, sub-block by sub-block. */
  readonly refusals: readonly Refusal[];
  /** What each of them is about, where it is a part of a block; bytes. */
  readonly unitBytes?: number | undefined;
}

const TRIED_AGAIN = "the driver tries again by itself";

/** Why a virtio-mem device stopped short of its request, of which the kernel says nothing (v_unplug_refused, v_kernel_grow_shrink). */
export function stopped({ errno, sizes, waitMs, refusals, unitBytes }: Stop): Refusal {
  const [first] = refusals;
  const rule = `observed-newer §2: ${TRIED_AGAIN} after ${waitMs / 1000} s; a new requested-size, even of the same size, makes it try at once`;
  const own = { rule, retry: "maybe", detail: sizes } as const;
  if (first === undefined) {
    const remedy = ["free memory for the page descriptors of what is added"];
    return { errno, code: "no_target_memory", ...own, remedy };
  }
  const alike = refusals.filter(({ code }) => code === first.code);
  const joined = joinRefusals(alike);
  const blocks = new Set(refusals.flatMap(({ block }) => block ?? []));
  const units = unitBytes === undefined ? "" : `: ${refusals.length} of ${formatSize(unitBytes)}`;
  return {
    ...joined,
    errno,
    ...own,
    detail: `${sizes}; in the way in ${blocks.size === 1 ? "block" : "blocks"} ${formatNumberList([...blocks].sort((a, b) => a - b))}${units}`,
    remedy: [...new Set([...remediesOf(first), ...joined.remedy])],
  };
}

function remediesOf({ code, zone }: Refusal): string[] {
  if (code === "unmovable_page" && zone !== "Movable")
    return [
      "online the device's blocks as movable (auto_online_blocks, online_policy=auto-movable), so that they can be emptied",
    ];
  return [];
}
