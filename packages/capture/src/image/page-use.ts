import type { PageKindName } from "@memhp/abi";
import type { KnownPage } from "../pages/page-kind.ts";

/** Number of an owner in a node's pages. */
export const Owner = { kernel: 0, programs: 1, unknown: 2 } as const;
export type Owner = (typeof Owner)[keyof typeof Owner];

/** Names of the owners, by number. `unknown`: no flag says what the page is. */
export const owners: readonly string[] = ["kernel", "programs", "unknown"];

/** What pages of a captured host are on a machine. */
export interface HostPageUse {
  readonly kind: PageKindName;
  readonly owner: Owner;
  readonly order: number;
}

const kernels = (kind: PageKindName): HostPageUse => ({ kind, owner: Owner.kernel, order: 0 });
const programs = (kind: PageKindName): HostPageUse => ({ kind, owner: Owner.programs, order: 0 });

/** What a page by itself is; undefined for a free one. Tails of larger pages and hugepages are told with their heads. */
export function useOfPage(page: KnownPage): HostPageUse | undefined {
  switch (page.kind) {
    case "free":
      return undefined;
    case "hole":
      return kernels("hole");
    case "reserved":
      return kernels("reserved");
    case "self_hosted":
      return kernels("self_hosted");
    case "page_offline":
      return kernels("offline");
    case "poisoned":
      return kernels("hwpoison");
    case "slab":
      return kernels("slab");
    case "page_table":
      return kernels("page_table");
    case "lru":
    case "batched":
      return programs(movableKind(page));
    case "unmarked":
      return { kind: "kernel", owner: Owner.unknown, order: 0 };
    default:
      return kernels("kernel");
  }
}

function movableKind({ isAnonymous, isUnevictable, isSwapBacked }: KnownPage): PageKindName {
  if (isUnevictable) return "mlocked";
  if (isAnonymous) return "anonymous";
  return isSwapBacked ? "shmem" : "file";
}
