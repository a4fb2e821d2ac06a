import { setup } from "xstate";

export type BalloonEvent =
  /** The driver binds to the device. */
  | { type: "PROBE" }
  /** The monitor told another size. */
  | { type: "TARGET" }
  /** The balloon has the size that was told last. */
  | { type: "DONE" }
  /** No page was free. */
  | { type: "NO_ROOM" }
  | { type: "TIMER" };

/** The life of a virtio-balloon under Linux's driver (drivers/virtio/virtio_balloon.c; from source, not recorded). */
export const balloonMachine = setup({
  types: { events: {} as BalloonEvent, tags: {} as "rest" | "transit" },
}).createMachine({
  id: "balloon",
  description: "A balloon: memory that the guest gives back page by page, and may have again",
  initial: "unbound",
  states: {
    unbound: {
      description: "On the bus; no driver is loaded, so that no size is heard.",
      tags: "rest",
      on: { PROBE: "adjusting" },
    },
    resting: {
      description: "It has the size that was told last.",
      tags: "rest",
      on: { TARGET: "adjusting" },
    },
    adjusting: {
      description: "Pages are taken from the allocator, or given back to it, the last first.",
      tags: "transit",
      on: { DONE: "resting", NO_ROOM: "waiting" },
    },
    waiting: {
      description: "No page was free: what is there is kept, and the driver tries again after 200 ms.",
      tags: "rest",
      on: { TIMER: "adjusting", TARGET: "adjusting" },
    },
  },
});
