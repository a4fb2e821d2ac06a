import { builtWithout, type ConfigSwitch, type KernelConfig, type Refusal } from "@memhp/abi";

/** Kinds of pages that a kernel must be built for: mmap(MAP_HUGETLB) finds no hstate, madvise(MADV_HUGEPAGE) is not known. */
const needs: Readonly<Record<string, readonly [needed: ConfigSwitch, rule: string]>> = {
  hugetlb: ["HUGETLBFS", "mm/mmap.c: hstate_sizelog() without CONFIG_HUGETLB_PAGE"],
  thp: ["TRANSPARENT_HUGEPAGE", "mm/madvise.c: MADV_HUGEPAGE without CONFIG_TRANSPARENT_HUGEPAGE"],
};

/** Why a load of this kind does not start on a kernel that was built without it. */
export function refuseNotBuilt(config: KernelConfig, { kind }: { readonly kind: string }): Refusal | undefined {
  const [needed, rule] = needs[kind.replace(/_.*/, "")] ?? [];
  if (needed === undefined || rule === undefined || config[needed]) return undefined;
  return { errno: "EINVAL", code: "not_built", rule, retry: "no", ...builtWithout(needed) };
}
