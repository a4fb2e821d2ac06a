import type { RefusedPage } from "@memhp/abi";

/** What helps a virtio-mem device to give up memory that holds such pages. */
export function remediesOf(pages: readonly RefusedPage[], isMovable: boolean): string[] {
  const loads = new Set(pages.flatMap(({ owner }) => (owner?.startsWith("load:") === true ? [owner.slice(5)] : [])));
  const kinds = new Set(pages.map(({ kind }) => kind));
  const remedies = [...loads].map((load) => `end what holds it: ${load}`);
  if (kinds.has("slab_reclaimable")) remedies.push("drop_caches frees reclaimable slab");
  // observed-newer §2: a new qom-set makes the driver try at once, even of the same size.
  if (remedies.length > 0 || isMovable)
    remedies.push("then set requested-size again, even to the same: the driver tries at once");
  if (!isMovable)
    remedies.push(
      "next time let its blocks come online as movable (auto_online_blocks, online_policy=auto-movable), which keeps the kernel's own pages out",
    );
  return remedies;
}
