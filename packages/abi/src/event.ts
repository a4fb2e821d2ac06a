import type { Errno } from "./errno.ts";
import type { MemoryAction, MemoryNotify, NodeAction, NodeNotify } from "./notify.ts";
import type { Refusal } from "./refusal.ts";
import type { ZoneName } from "./zone.ts";

/** What happened, without its place in the stream. */
export type EventBody =
  /** Firmware told the kernel: bus check 0, device check 1, eject request 3. */
  | { readonly type: "acpi_notify"; readonly device: string; readonly value: number }
  /**
   * The kernel evaluated _OST: `source` is the event it answers, `status` its code (facts/kernel.md §6.4). A DIMM has a
   * slot, and a `device` while one is in it; a container and the memory in it have only a `device`.
   */
  | {
      readonly type: "acpi_ost";
      readonly device?: string;
      readonly slot?: number;
      readonly source: number;
      readonly status: number;
    }
  /** The hypervisor gave up an eject: the guest put back what it had taken out (observed-newer §3). `memUnplugError`: QEMU tells it by MEM_UNPLUG_ERROR too. */
  | { readonly type: "unplug_refused"; readonly device: string; readonly memUnplugError?: true }
  /** The machine took a DIMM away after _EJ0; or a container with all in it, or a memory device out of one; or a virtio-mem device off its bus. */
  | { readonly type: "device_deleted"; readonly device: string; readonly of?: "container" | "virtio-mem" }
  /** A memory device has more or less memory plugged than before, as its monitor tells: not every change (MEMORY_DEVICE_SIZE_CHANGE). */
  | { readonly type: "memory_size_change"; readonly device: string; readonly sizeBytes: number }
  /** The guest was reset, and its kernel boots again. */
  | { readonly type: "reset" }
  /** A balloon has another size: what the guest has left of its memory, as the monitor tells (BALLOON_CHANGE). */
  | { readonly type: "balloon_change"; readonly device: string; readonly actualBytes: number }
  /** A memory block's statechart moved. States are those of `@memhp/block`. */
  | { readonly type: "block"; readonly block: number; readonly from: string; readonly to: string }
  /** One callback of the memory notifier chain was called and answered `ret`. */
  | ({
      readonly type: "notifier";
      readonly name: string;
      readonly action: MemoryAction;
      readonly ret: number;
    } & MemoryNotify)
  /** The same of the node notifier chain. */
  | ({
      readonly type: "node_notifier";
      readonly name: string;
      readonly action: NodeAction;
      readonly ret: number;
    } & NodeNotify)
  | {
      readonly type: "uevent";
      readonly action: string;
      readonly devpath: string;
      readonly subsystem: string;
      readonly env?: Readonly<Record<string, string>>;
    }
  /** A zone's numbers changed. */
  | {
      readonly type: "zone";
      readonly zone: ZoneName;
      readonly startPfn: number;
      readonly spannedPages: number;
      readonly presentPages: number;
      readonly managedPages: number;
    }
  /** Pages left a block for other memory. */
  | { readonly type: "migrate"; readonly block: number; readonly pages: number; readonly targetNode: number }
  /** A program began to use memory, ended, or was ended by the OOM killer; `pages` are base pages, taken or freed. */
  | {
      readonly type: "load";
      readonly id: string;
      readonly kind: string;
      readonly change: "started" | "ended" | "killed";
      readonly pages: number;
    }
  /** `by`: the name of the caller who was refused, where it has one. */
  | { readonly type: "refusal"; readonly refusal: Refusal; readonly by?: string }
  | { readonly type: "log"; readonly level: number; readonly text: string }
  | {
      readonly type: "file_write";
      readonly path: string;
      readonly data: string;
      readonly ret: number;
      readonly errno: Errno | 0;
      /** Who wrote, where they have a name. */
      readonly by?: string;
    };

/**
 * One entry of the ordered stream. `atNs` is simulated time; `node` is -1 for what no
 * node owns; `seq` counts within (atNs, node), so that the order never depends on which worker was faster.
 */
export type SimEvent = EventBody & { readonly atNs: number; readonly node: number; readonly seq: number };

/** Order of the stream: simulated time, then node, then sequence. */
export function compareEvents(a: SimEvent, b: SimEvent): number {
  return a.atNs - b.atNs || a.node - b.node || a.seq - b.seq;
}
