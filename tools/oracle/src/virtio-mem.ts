import type { Monitor as Operations } from "@memhp/scenario";
import type { Guest, Monitor } from "./target.ts";

type Json = Readonly<Record<string, unknown>>;
type VirtioMemOperations = Pick<Operations, "requestVirtioMem" | "addVirtioMem" | "removeVirtioMem">;

const NS_PER_S = 1e9;
/** How often a recorder looks whether a size is reached. */
const LOOK_S = 0.25;
/** MEMORY_DEVICE_SIZE_CHANGE comes up to a second late (observed-newer §7). */
const QUIET_S = 1.5;

/** The ops `vmem_set`, `vmem_add` and `vmem_del` on a machine behind a monitor. */
export function recordVirtioMem(monitor: Monitor, guest: Guest): VirtioMemOperations {
  async function device(id: string): Promise<Json | null> {
    const answer = await monitor.execute("query-memory-devices");
    const all = "return" in answer ? (answer.return as { readonly data: Json }[]) : [];
    return all.find(({ data }) => data["id"] === id) ?? null;
  }
  const plugged = (found: Json | null): unknown => (found?.["data"] as Json | undefined)?.["size"];

  return {
    async requestVirtioMem(id, bytes, waitNs) {
      const args = { path: `/machine/peripheral/${id}`, property: "requested-size", value: bytes };
      const qom_set = await monitor.execute("qom-set", args);
      const lookS = "return" in qom_set ? waitNs / NS_PER_S : 0;
      for (let s = 0; s < lookS && plugged(await device(id)) !== bytes; s += LOOK_S) await guest.sleep(LOOK_S);
      await guest.sleep(QUIET_S);
      const found = await device(id);
      return { qom_set, requested: bytes, plugged: plugged(found), reached: plugged(found) === bytes, device: found };
    },

    async addVirtioMem({ id, sizeBytes, node, bus, requestedBytes, blockBytes }) {
      const memdev = `mem-${id}`;
      const object_add = await monitor.execute("object-add", {
        "qom-type": "memory-backend-ram",
        id: memdev,
        size: sizeBytes,
      });
      const device_add = await monitor.execute("device_add", {
        driver: "virtio-mem-pci",
        id,
        memdev,
        node,
        ...(bus !== undefined && { bus }),
        ...(requestedBytes !== undefined && { "requested-size": requestedBytes }),
        ...(blockBytes !== undefined && { "block-size": blockBytes }),
      });
      await guest.sleep(QUIET_S);
      return { object_add, device_add, device: await device(id) };
    },

    async removeVirtioMem(id) {
      const device_del = await monitor.execute("device_del", { id });
      await guest.sleep(QUIET_S);
      return { device_del, left: await device(id) };
    },
  };
}
