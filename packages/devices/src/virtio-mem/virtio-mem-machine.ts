import { assign, setup } from "xstate";

/** What the driver does in a state; `virtio-mem-driver.ts` carries it out. */
export type VirtioMemStep =
  | "read_config"
  | "remove_leftovers"
  | "decide"
  | "fill_kernel"
  | "fill_movable"
  | "fill_offline"
  | "add_unused"
  | "add_new"
  | "unplug_offline_partly"
  | "unplug_offline"
  | "unplug_movable_partly"
  | "unplug_kernel_partly"
  | "unplug_movable"
  | "unplug_kernel"
  | "end"
  | "start_timer";

/** Why a pass ended the work: no room to add, something in use, no memory, a newer request; anything else breaks the device. */
export type VirtioMemErrno = "ENOSPC" | "EBUSY" | "ENOMEM" | "EAGAIN" | "EIO";

interface VirtioMemContext {
  readonly id: string;
  /** Why the present work ends short of the request. */
  readonly errno: VirtioMemErrno | null;
  /** How long the next wait lasts, if there is one. */
  readonly retryMs: number;
  /** Somebody queued the work again while it ran. */
  readonly again: boolean;
}

export type VirtioMemEvent =
  /** The driver binds to the device. */
  | { type: "PROBE" }
  /** The work is queued: the request has changed, a block came online, memory was removed. */
  | { type: "WAKE" }
  /** The retry timer rang. */
  | { type: "TIMER" }
  | { type: "GROW" }
  | { type: "SHRINK" }
  /** A step is over and something is left to do. */
  | { type: "NEXT" }
  /** Nothing is left to do. */
  | { type: "DONE" }
  | { type: "FAILED"; errno: VirtioMemErrno }
  | { type: "UNPLUG" };

/** VIRTIO_MEM_RETRY_TIMER_MIN_MS and _MAX_MS (drivers/virtio/virtio_mem.c). */
export const RETRY_MIN_MS = 50_000;
const RETRY_MAX_MS = 300_000;

const chart = setup({
  types: {
    context: {} as VirtioMemContext,
    input: {} as { readonly id: string },
    events: {} as VirtioMemEvent,
    tags: {} as "rest" | "transit",
    /** The kernel's functions, and the facts. Functions that the facts do not name are from the kernel's source, and not recorded. */
    meta: {} as { readonly kernel: readonly string[]; readonly facts: string },
  },
  guards: {
    isAgain: ({ context }) => context.again,
    isNewer: ({ context }) => context.errno === "EAGAIN",
    isFull: ({ context }) => context.errno === "ENOSPC",
    isBusy: ({ context }) => context.errno === "EBUSY" || context.errno === "ENOMEM",
    isBroken: ({ context }) => context.errno !== null,
  },
  actions: {
    /** Whoever drives the chart provides what a step is; by itself it only walks. */
    perform: (_args, _params: { step: VirtioMemStep }) => {},
    begin: assign({ errno: null, again: false }),
    rememberErrno: assign({ errno: ({ event, context }) => (event.type === "FAILED" ? event.errno : context.errno) }),
    noteAgain: assign({ again: true }),
    calmDown: assign({ retryMs: RETRY_MIN_MS }),
    waitLonger: assign({ retryMs: ({ context }) => Math.min(context.retryMs * 2, RETRY_MAX_MS) }),
  },
});

const perform = (step: VirtioMemStep) => ({ type: "perform", params: { step } }) as const;
const FAILED = { target: "#virtioMem.working.ending", actions: "rememberErrno" } as const;
const DONE = "#virtioMem.working.ending";

/** The life of a virtio-mem device under Linux's driver (drivers/virtio/virtio_mem.c; observed-newer §2). */
export const virtioMemMachine = chart.createMachine({
  id: "virtioMem",
  description: "A virtio-mem device: memory that a hypervisor gives and takes back by requested-size",
  context: ({ input }) => ({ ...input, errno: null, retryMs: RETRY_MIN_MS, again: false }),
  initial: "unbound",
  states: {
    unbound: {
      description: "On the bus; no driver is loaded, so that no request is heard.",
      meta: { kernel: ["virtio_mem_probe"], facts: "observed-newer §2" },
      tags: "rest",
      on: { PROBE: "working", UNPLUG: "gone" },
    },
    resting: {
      description: "What is plugged is what was requested last.",
      meta: { kernel: ["virtio_mem_run_wq"], facts: "observed-newer §2" },
      tags: "rest",
      always: { guard: "isAgain", target: "working" },
      on: { WAKE: "working", UNPLUG: "gone" },
    },
    full: {
      description:
        "1 GiB of its memory is offline, or no room is left: it goes on when half of that is online, or at a new request.",
      meta: { kernel: ["virtio_mem_could_add_memory"], facts: "observed-newer §2" },
      tags: "rest",
      always: { guard: "isAgain", target: "working" },
      on: { WAKE: "working", UNPLUG: "gone" },
    },
    backing_off: {
      description:
        "Something was in use or memory was short: tried again after 50 s, then twice as long each time up to 300 s.",
      meta: { kernel: ["virtio_mem_timer_expired"], facts: "observed-newer §2" },
      tags: "rest",
      entry: perform("start_timer"),
      always: { guard: "isAgain", target: "working" },
      on: { WAKE: "working", TIMER: { target: "working", actions: "waitLonger" }, UNPLUG: "gone" },
    },
    broken: {
      description: "The kernel did not take its memory: no request is heard any more.",
      meta: { kernel: ["virtio_mem_run_wq"], facts: "observed-newer §2" },
      tags: "rest",
      on: { WAKE: {}, UNPLUG: "gone" },
    },
    working: {
      description: "The driver's work runs in its passes.",
      meta: { kernel: ["virtio_mem_run_wq"], facts: "observed-newer §2" },
      tags: "transit",
      entry: "begin",
      initial: "reading",
      on: { WAKE: { actions: "noteAgain" } },
      states: {
        reading: {
          description: "What is requested now.",
          meta: { kernel: ["virtio_mem_refresh_config"], facts: "observed-newer §2" },
          entry: perform("read_config"),
          on: { NEXT: "removing_leftovers" },
        },
        removing_leftovers: {
          description: "Blocks without a plugged sub-block that did not go before, ascending.",
          meta: { kernel: ["virtio_mem_cleanup_pending_mb"], facts: "observed-newer §2" },
          entry: perform("remove_leftovers"),
          on: { NEXT: "deciding" },
        },
        deciding: {
          description: "More or less than is plugged, or neither.",
          meta: { kernel: ["virtio_mem_run_wq"], facts: "observed-newer §2" },
          entry: perform("decide"),
          on: { GROW: "growing", SHRINK: "shrinking", DONE },
        },
        growing: {
          description: "What is missing is plugged, pass by pass.",
          meta: { kernel: ["virtio_mem_plug_request"], facts: "observed-newer §2" },
          initial: "filling_kernel",
          states: {
            filling_kernel: {
              description: "Unplugged sub-blocks of online kernel blocks, ascending: no uevent, no callback.",
              meta: { kernel: ["virtio_mem_sbm_plug_any_sb"], facts: "observed-newer §2" },
              entry: perform("fill_kernel"),
              on: { NEXT: "filling_movable", DONE, FAILED },
            },
            filling_movable: {
              description: "The same of ZONE_MOVABLE.",
              meta: { kernel: ["virtio_mem_sbm_plug_any_sb"], facts: "observed-newer §2" },
              entry: perform("fill_movable"),
              on: { NEXT: "filling_offline", DONE, FAILED },
            },
            filling_offline: {
              description: "The same of offline blocks.",
              meta: { kernel: ["virtio_mem_sbm_plug_any_sb"], facts: "observed-newer §2" },
              entry: perform("fill_offline"),
              on: { NEXT: "adding_unused", DONE, FAILED },
            },
            adding_unused: {
              description: "Blocks that were there before, ascending, each with what is left to plug.",
              meta: { kernel: ["virtio_mem_sbm_plug_and_add_mb"], facts: "observed-newer §2" },
              entry: perform("add_unused"),
              on: { NEXT: "adding_new", DONE, FAILED },
            },
            adding_new: {
              description: "The blocks after those.",
              meta: { kernel: ["virtio_mem_sbm_plug_and_add_mb"], facts: "observed-newer §2" },
              entry: perform("add_new"),
              on: { DONE, FAILED },
            },
          },
        },
        shrinking: {
          description: "What is too much is unplugged, pass by pass.",
          meta: { kernel: ["virtio_mem_unplug_request"], facts: "observed-newer §2" },
          initial: "offline_partly",
          states: {
            offline_partly: {
              description: "Partly plugged offline blocks, the highest first; an empty one is removed.",
              meta: { kernel: ["virtio_mem_sbm_unplug_any_sb_offline"], facts: "observed-newer §2" },
              entry: perform("unplug_offline_partly"),
              on: { NEXT: "offline", DONE, FAILED },
            },
            offline: {
              description: "Whole offline blocks.",
              meta: { kernel: ["virtio_mem_sbm_unplug_any_sb_offline"], facts: "observed-newer §2" },
              entry: perform("unplug_offline"),
              on: { NEXT: "movable_partly", DONE, FAILED },
            },
            movable_partly: {
              description:
                "Partly plugged blocks of ZONE_MOVABLE: sub-blocks go fake-offline; an empty block goes offline and away.",
              meta: { kernel: ["virtio_mem_sbm_unplug_any_sb_online"], facts: "observed-newer §2" },
              entry: perform("unplug_movable_partly"),
              on: { NEXT: "kernel_partly", DONE, FAILED },
            },
            kernel_partly: {
              description: "Partly plugged blocks of kernel zones; a sub-block in use is left out.",
              meta: { kernel: ["virtio_mem_sbm_unplug_any_sb_online"], facts: "observed-newer §2" },
              entry: perform("unplug_kernel_partly"),
              on: { NEXT: "movable", DONE, FAILED },
            },
            movable: {
              description: "Whole blocks of ZONE_MOVABLE, at once if they go at once.",
              meta: { kernel: ["virtio_mem_sbm_unplug_any_sb_online"], facts: "observed-newer §2" },
              entry: perform("unplug_movable"),
              on: { NEXT: "kernel", DONE, FAILED },
            },
            kernel: {
              description: "Whole blocks of kernel zones.",
              meta: { kernel: ["virtio_mem_sbm_unplug_any_sb_online"], facts: "observed-newer §2" },
              entry: perform("unplug_kernel"),
              on: { DONE, FAILED },
            },
          },
        },
        ending: {
          description: "Nothing is logged of what could not be done: only the plugged size tells.",
          meta: { kernel: ["virtio_mem_run_wq"], facts: "observed-newer §2" },
          entry: perform("end"),
          on: {
            FAILED: { target: "ended", actions: "rememberErrno" },
            DONE: "ended",
          },
        },
        ended: {
          description: "How it ended says what comes next.",
          meta: { kernel: ["virtio_mem_run_wq"], facts: "observed-newer §2" },
          always: [
            { guard: "isNewer", target: "#virtioMem.working", reenter: true },
            { guard: "isFull", target: "#virtioMem.full" },
            { guard: "isBusy", target: "#virtioMem.backing_off" },
            { guard: "isBroken", target: "#virtioMem.broken" },
            { target: "#virtioMem.resting", actions: "calmDown" },
          ],
        },
      },
    },
    gone: {
      description: "Taken off the bus.",
      meta: { kernel: ["virtio_mem_remove"], facts: "observed-newer §2" },
      type: "final",
    },
  },
});
