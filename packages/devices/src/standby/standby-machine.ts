import { setup } from "xstate";

export type StandbyEvent =
  /** `1` was written to `config`. */
  | { type: "CONFIGURE" }
  /** `0` was written, and the block is offline. */
  | { type: "DECONFIGURE" }
  | { type: "DONE" }
  /** The kernel did not add or remove it. */
  | { type: "REFUSED" };

/** The life of one block's storage under s390's SCLP (drivers/s390/char/sclp_mem.c of 6.19; from source, not recorded). */
export const standbyMachine = setup({
  types: { events: {} as StandbyEvent, tags: {} as "rest" | "transit" },
}).createMachine({
  id: "standby",
  description:
    "A block of s390's memory: storage that the hypervisor keeps on standby, or has configured to the system",
  initial: "standby",
  states: {
    standby: {
      description: "The hypervisor keeps it: there is no memory block.",
      tags: "rest",
      on: { CONFIGURE: "adding" },
    },
    adding: {
      description: "The hypervisor assigns it, and the kernel adds the block.",
      tags: "transit",
      on: { DONE: "configured", REFUSED: "standby" },
    },
    configured: {
      description: "The system has it: the memory block is there, and goes online and offline as any other.",
      tags: "rest",
      on: { DECONFIGURE: "removing" },
    },
    removing: {
      description: "The kernel removes the block, and the hypervisor has the storage again.",
      tags: "transit",
      on: { DONE: "standby", REFUSED: "configured" },
    },
  },
});
