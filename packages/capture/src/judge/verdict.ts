import type { Refusal, ZoneName } from "@memhp/abi";

/** How an offline of a block would end. */
export type CaptureAnswer = "goes_offline" | "kills_programs" | "refused" | "never_ends" | "unknown" | "is_offline";

/** Base pages by what an offline would do with them. */
export interface PageUse {
  /** Pages. */
  readonly free: number;
  /** Pages that would move. */
  readonly movable: number;
  /** Pages that would move but for a pin. */
  readonly pinned: number;
  /** Pages of free hugepages, which are broken up. */
  readonly dissolved: number;
  /** Pages that cannot move. */
  readonly fixed: number;
  /** Without any flag: free on a processor's list, or the kernel's. */
  readonly unknown: number;
}

/** What is foreseen for one block of a captured host. */
export interface Verdict {
  readonly block: number;
  readonly node: number | null;
  readonly zone: ZoneName | null;
  readonly answer: CaptureAnswer;
  readonly refusal?: Refusal;
  readonly use?: PageUse;
  /** Base pages that each node could take, and that would go there. */
  readonly targets?: readonly { readonly node: number; readonly pages: number }[];
  /** Milliseconds that an offline that succeeds takes, about. */
  readonly aboutMs?: number;
  /** What the answer leans on. */
  readonly note?: string;
}
