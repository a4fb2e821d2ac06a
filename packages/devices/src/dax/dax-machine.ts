import { assign, setup } from "xstate";

interface DaxContext {
  readonly id: string;
  /** Mappings whose memory the kernel kept when the driver left. */
  readonly left: readonly number[];
}

export type DaxEvent =
  /** device_dax takes the device: programs map it. */
  | { type: "BIND_DEVICE" }
  /** kmem takes it: its memory becomes memory blocks. */
  | { type: "PROBE" }
  | { type: "ADDED" }
  | { type: "FAILED" }
  /** How many of its blocks are online now. */
  | { type: "BLOCKS"; online: number; total: number }
  | { type: "UNBIND" }
  | { type: "REMOVED" }
  /** Mappings of which a block was not offline. */
  | { type: "LEFT"; mappings: readonly number[] }
  /** Its region is taken apart. */
  | { type: "DESTROY" };

const blocks = [
  { guard: "noneOnline", target: "#dax.system_ram.offline" },
  { guard: "allOnline", target: "#dax.system_ram.online" },
  { target: "#dax.system_ram.partly_online" },
] as const;

/** The life of a dax device under Linux's drivers (drivers/dax/bus.c, device.c, kmem.c; from source, not recorded). */
export const daxMachine = setup({
  types: {
    context: {} as DaxContext,
    input: {} as { readonly id: string },
    events: {} as DaxEvent,
    tags: {} as "rest" | "transit",
  },
  guards: {
    noneOnline: ({ event }) => event.type === "BLOCKS" && event.online === 0,
    allOnline: ({ event }) => event.type === "BLOCKS" && event.online === event.total,
  },
  actions: {
    forget: assign({ left: [] }),
    rememberLeft: assign({ left: ({ event, context }) => (event.type === "LEFT" ? event.mappings : context.left) }),
  },
}).createMachine({
  id: "dax",
  description: "A dax device: memory that a driver gives to the kernel as a group of blocks, which leave together",
  context: ({ input }) => ({ ...input, left: [] }),
  initial: "unbound",
  states: {
    unbound: {
      description: "On the dax bus; no driver has it, so that it can be resized.",
      tags: "rest",
      on: { BIND_DEVICE: "devdax", PROBE: "adding", DESTROY: "gone" },
    },
    devdax: {
      description: "device_dax has it: a character device that programs map. No memory blocks.",
      tags: "rest",
      on: { UNBIND: "unbound" },
    },
    adding: {
      description: "kmem claims each mapping, cut to whole blocks, and adds it in one static memory group.",
      tags: "transit",
      on: { ADDED: "system_ram", FAILED: "unbound" },
    },
    system_ram: {
      description: "kmem has it: its blocks come online and go offline one by one, and leave together.",
      initial: "offline",
      on: { BLOCKS: blocks, UNBIND: "removing" },
      states: {
        offline: { description: "No block is online: the driver can be unbound.", tags: "rest" },
        partly_online: {
          description: "Some blocks are online: what they belong to cannot leave.",
          tags: "rest",
        },
        online: { description: "All blocks are online.", tags: "rest" },
      },
    },
    removing: {
      description:
        "The driver was unbound: remove_memory is called once for each mapping. The write to `unbind` succeeds either way.",
      tags: "transit",
      on: { REMOVED: "unbound", LEFT: { target: "left_online", actions: "rememberLeft" } },
    },
    left_online: {
      description:
        "A block was not offline when the driver left: the kernel keeps the memory, and no driver can have the device until the next boot.",
      tags: "rest",
    },
    gone: { description: "Its region was taken apart.", type: "final" },
  },
});
