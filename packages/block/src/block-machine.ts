import { assign, setup } from "xstate";
import type { OnlineType, Refusal } from "@memhp/abi";

/**
 * One step of an online or offline. A step is begun by entering its state; whoever fulfils
 * the port answers with DONE, AGAIN or FAILED, at once or when the step's simulated time is over.
 */
export const blockSteps = [
  "choose_zone",
  "notify_going_online",
  "populate",
  "announce_online",
  "cancel_online",
  "check",
  "isolate",
  "notify_going_offline",
  "migrate",
  "dissolve",
  "verify",
  "withdraw",
  "cancel_offline",
] as const;
/** A name of `blockSteps`. */
export type BlockStep = (typeof blockSteps)[number];

/** The way out of the statechart: all side effects of a block go through here (`withPorts`). */
export interface BlockPorts {
  /** Begins a step of this block. Must not send to the block's actor before it returns. */
  perform(step: BlockStep, block: number): void;
}

/** Which block a chart is of. */
export interface BlockInput {
  readonly block: number;
  readonly node: number;
}

/** Plain data, so that an actor's snapshot is. */
export interface BlockContext extends BlockInput {
  /** Type asked for by the ONLINE that is under way or was last. */
  readonly onlineType: OnlineType | null;
  /** Why the last online or offline failed. */
  readonly refusal: Refusal | null;
}

/** What a block's chart hears: requests, and answers to the steps that it began. */
export type BlockEvent =
  | { type: "ONLINE"; onlineType: OnlineType }
  | { type: "OFFLINE" }
  | { type: "REMOVE" }
  | { type: "DONE" }
  | { type: "AGAIN" }
  | { type: "FAILED"; refusal: Refusal };

const chart = setup({
  types: {
    context: {} as BlockContext,
    input: {} as BlockInput,
    events: {} as BlockEvent,
    tags: {} as "rest" | "transit",
    /** The kernel's functions, and the facts. Functions that the facts do not name are from the kernel's source, and not recorded. */
    meta: {} as { readonly kernel: readonly string[]; readonly facts: string },
  },
  actions: {
    /** `withPorts` says what a step is; a chart by itself only walks. */
    perform: (_args, _params: { step: BlockStep }) => {},
    rememberType: assign({
      onlineType: ({ event, context }) => (event.type === "ONLINE" ? event.onlineType : context.onlineType),
      refusal: null,
    }),
    rememberRefusal: assign({
      refusal: ({ event, context }) => (event.type === "FAILED" ? event.refusal : context.refusal),
    }),
    forgetRefusal: assign({ refusal: null }),
  },
});

/**
 * The life of one memory block. The steps and their order are those of online_pages and
 * offline_pages (facts/kernel.md §3, §4); what differs between kernels is inside the steps.
 * It has no guards, timers or invoked actors, so that a row of a table can run it too (`compileTable`).
 */
export const blockMachine = chart.createMachine({
  id: "block",
  description: "A memory block device, /sys/devices/system/memory/memoryN",
  context: ({ input }) => ({ ...input, onlineType: null, refusal: null }),
  initial: "offline",
  states: {
    offline: {
      description: "Present and described by struct pages, in use by nobody. `state` reads offline.",
      meta: { kernel: ["memory_dev_init", "add_memory"], facts: "facts §5.1" },
      tags: "rest",
      on: {
        ONLINE: { target: "going_online", actions: "rememberType" },
        REMOVE: { target: "gone", actions: "forgetRefusal" },
      },
    },
    going_online: {
      description: "Pages are handed to the buddy allocator. `state` still reads offline.",
      meta: { kernel: ["memory_block_change_state", "online_pages"], facts: "facts §3.1, §3.2" },
      tags: "transit",
      initial: "choosing_zone",
      states: {
        choosing_zone: {
          description: "Find the zone for the online type; 4.1 moves the block across the edge of Normal and Movable.",
          meta: { kernel: ["zone_for_pfn_range"], facts: "facts §3.1, §3.4" },
          entry: { type: "perform", params: { step: "choose_zone" } },
          on: { DONE: "notifying", FAILED: { target: "#block.offline", actions: "rememberRefusal" } },
        },
        notifying: {
          description: "MEM_GOING_ONLINE to the notifier chain; a veto cancels.",
          meta: { kernel: ["memory_notify"], facts: "facts §3.1, §7" },
          entry: { type: "perform", params: { step: "notify_going_online" } },
          on: { DONE: "populating", FAILED: { target: "cancelling", actions: "rememberRefusal" } },
        },
        populating: {
          description: "Pages become present and managed, node masks are set, zonelists rebuilt.",
          meta: { kernel: ["online_pages"], facts: "facts §3.1, §3.2" },
          entry: { type: "perform", params: { step: "populate" } },
          on: { DONE: "announcing", FAILED: { target: "cancelling", actions: "rememberRefusal" } },
        },
        announcing: {
          description: "MEM_ONLINE to the chain, online uevent.",
          meta: { kernel: ["memory_notify", "device_online"], facts: "facts §3.1, §2.10" },
          entry: { type: "perform", params: { step: "announce_online" } },
          on: { DONE: "#block.online" },
        },
        cancelling: {
          description: "MEM_CANCEL_ONLINE to the whole chain; 6.x takes the block out of the zone again.",
          meta: { kernel: ["memory_notify", "remove_pfn_range_from_zone"], facts: "facts §3.2, §7" },
          entry: { type: "perform", params: { step: "cancel_online" } },
          on: { DONE: "#block.offline" },
        },
      },
    },
    online: {
      description: "In use. `state` reads online.",
      meta: { kernel: ["memory_subsys_online"], facts: "facts §3.1" },
      tags: "rest",
      on: { OFFLINE: { target: "going_offline", actions: "forgetRefusal" } },
    },
    going_offline: {
      description: "Being emptied. `state` reads going-offline.",
      meta: { kernel: ["memory_block_change_state", "offline_pages"], facts: "facts §4.1, §4.2" },
      tags: "transit",
      initial: "checking",
      states: {
        checking: {
          description: "One zone, no holes, enough Normal memory left on the node.",
          meta: { kernel: ["test_pages_in_a_zone"], facts: "facts §4.1, §4.2" },
          entry: { type: "perform", params: { step: "check" } },
          on: { DONE: "isolating", FAILED: { target: "#block.online", actions: "rememberRefusal" } },
        },
        isolating: {
          description: "Every pageblock becomes MIGRATE_ISOLATE; kernel pages refuse, and nobody was notified yet.",
          meta: { kernel: ["start_isolate_page_range", "has_unmovable_pages"], facts: "facts §4.3" },
          entry: { type: "perform", params: { step: "isolate" } },
          on: { DONE: "notifying", FAILED: { target: "#block.online", actions: "rememberRefusal" } },
        },
        notifying: {
          description: "MEM_GOING_OFFLINE to the notifier chain; a veto cancels.",
          meta: { kernel: ["memory_notify"], facts: "facts §4.1, §7" },
          entry: { type: "perform", params: { step: "notify_going_offline" } },
          on: { DONE: "migrating", FAILED: { target: "cancelling", actions: "rememberRefusal" } },
        },
        migrating: {
          description: "Movable pages in use move elsewhere, round after round.",
          meta: { kernel: ["do_migrate_range", "migrate_pages"], facts: "facts §4.4" },
          entry: { type: "perform", params: { step: "migrate" } },
          on: {
            DONE: "dissolving",
            AGAIN: { target: "migrating", reenter: true },
            FAILED: { target: "cancelling", actions: "rememberRefusal" },
          },
        },
        dissolving: {
          description: "Free huge pages go back to the buddy allocator.",
          meta: { kernel: ["dissolve_free_huge_pages"], facts: "facts §4.5" },
          entry: { type: "perform", params: { step: "dissolve" } },
          on: { DONE: "verifying", FAILED: { target: "cancelling", actions: "rememberRefusal" } },
        },
        verifying: {
          description: "Every page must be free and isolated; 6.x starts over where one is not.",
          meta: { kernel: ["test_pages_isolated"], facts: "facts §4.1, §4.2" },
          entry: { type: "perform", params: { step: "verify" } },
          on: { DONE: "withdrawing", AGAIN: "migrating", FAILED: { target: "cancelling", actions: "rememberRefusal" } },
        },
        withdrawing: {
          description: "Nothing can fail any more: counters fall, masks clear, MEM_OFFLINE, offline uevent.",
          meta: { kernel: ["offline_pages", "memory_notify"], facts: "facts §4.1, §4.2" },
          entry: { type: "perform", params: { step: "withdraw" } },
          on: { DONE: "#block.offline" },
        },
        cancelling: {
          description: "MEM_CANCEL_OFFLINE to the whole chain and un-isolation, in the kernel's order.",
          meta: { kernel: ["undo_isolate_page_range", "memory_notify"], facts: "facts §4.1, §4.2" },
          entry: { type: "perform", params: { step: "cancel_offline" } },
          on: { DONE: "#block.online" },
        },
      },
    },
    gone: {
      description: "The memory was removed; the device does not exist any more.",
      meta: { kernel: ["remove_memory"], facts: "facts §5.2" },
      type: "final",
    },
  },
});

/** The type of `blockMachine`. */
export type BlockMachine = typeof blockMachine;

const machines = new WeakMap<BlockPorts, BlockMachine>();

/** The statechart with its way out. One machine serves all blocks of the same ports. */
export function withPorts(ports: BlockPorts): BlockMachine {
  let machine = machines.get(ports);
  if (machine === undefined) {
    machine = blockMachine.provide({
      actions: { perform: ({ context }, { step }) => ports.perform(step, context.block) },
    });
    machines.set(ports, machine);
  }
  return machine;
}
