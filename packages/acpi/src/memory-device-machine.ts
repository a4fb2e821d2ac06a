import { assign, setup } from "xstate";
import type { StepAnswer, StepFailure } from "./step.ts";

/** The steps of a memory device; `memory-steps.ts` carries them out. */
export const memoryDeviceSteps = [
  "read_resources",
  "add_memory",
  "offline_first_pass",
  "offline_second_pass",
  "online_again",
  "remove_memory",
] as const;
/** A name of `memoryDeviceSteps`: a step that a chart begins and somebody carries out. */
export type MemoryDeviceStep = (typeof memoryDeviceSteps)[number];

/** What a memory device's chart begins with. */
export interface MemoryDeviceInput {
  /** Place in the namespace, for those who look at the actor. */
  readonly path: string;
}

/** What a memory device's chart remembers; plain data, so that a snapshot is. */
export interface MemoryDeviceContext extends MemoryDeviceInput {
  /** Why the last attach or offline failed. */
  readonly failure: StepFailure | null;
  /** Whether the memory driver holds the device, for an eject that is called off. */
  readonly bound: boolean;
  /** A scan found the device gone while its driver held it, and left it alone. */
  readonly skipped: boolean;
  /** Of the DETACH that is under way. */
  readonly keepDriver: boolean;
}

/** What a memory device's chart hears. */
export type MemoryDeviceEvent =
  | StepAnswer
  | { type: "APPEAR" }
  | { type: "ATTACH" }
  | { type: "OFFLINE" }
  | { type: "OFFLINE_AGAIN" }
  | { type: "ROLL_BACK" }
  /** `keepDriver`: the driver stays until the firmware has taken the device away. */
  | { type: "DETACH"; keepDriver: boolean }
  | { type: "RELEASE" }
  | { type: "SKIP" }
  | { type: "VANISH" };

/** `bound`: the memory driver holds it. `enumerated`: a scan of the namespace went through it. */
export type MemoryDeviceTag = "rest" | "transit" | "bound" | "enumerated";

const chart = setup({
  types: {
    context: {} as MemoryDeviceContext,
    input: {} as MemoryDeviceInput,
    events: {} as MemoryDeviceEvent,
    tags: {} as MemoryDeviceTag,
    /** The kernel's functions, and the facts. Functions that the facts do not name are from the kernel's source, and not recorded. */
    meta: {} as { readonly kernel: readonly string[]; readonly facts: string },
  },
  guards: {
    isBound: ({ context }) => context.bound,
    isKept: ({ context }) => context.keepDriver,
    keepsDriver: ({ event }) => event.type === "DETACH" && event.keepDriver,
  },
  actions: {
    /** Whoever drives the chart provides what a step is; by itself it only walks. */
    perform: (_args, _params: { step: MemoryDeviceStep }) => {},
    rememberFailure: assign({
      failure: ({ event, context }) => (event.type === "FAILED" ? event : context.failure),
    }),
    forgetFailure: assign({ failure: null }),
    bind: assign({ bound: true, skipped: false }),
    unbind: assign({ bound: false, skipped: false }),
    markSkipped: assign({ skipped: true }),
    rememberKeep: assign({ keepDriver: ({ event }) => event.type === "DETACH" && event.keepDriver }),
  },
});

/**
 * The life of an ACPI memory device, PNP0C80 (facts/kernel.md §6.1, §6.3). One chart for all kernels: which event comes
 * when is the scan's and the eject's matter, and differs between them.
 */
export const memoryDeviceMachine = chart.createMachine({
  id: "memoryDevice",
  description: "An ACPI memory device, /sys/bus/acpi/devices/PNP0C80:NN",
  context: ({ input }) => ({ ...input, failure: null, bound: false, skipped: false, keepDriver: false }),
  initial: "absent",
  states: {
    absent: {
      description: "An empty slot: _STA says neither present nor functioning.",
      meta: { kernel: ["acpi_device_is_present"], facts: "facts §6.3" },
      tags: "rest",
      on: { APPEAR: "present" },
    },
    present: {
      description: "There, but held by no driver.",
      meta: { kernel: ["acpi_bus_scan"], facts: "facts §6.3" },
      initial: "found",
      on: {
        ATTACH: { target: "attaching", actions: "forgetFailure" },
        OFFLINE: "ejecting",
        DETACH: ".released",
        VANISH: "absent",
      },
      states: {
        found: {
          description: "Just appeared; no scan has come by.",
          meta: { kernel: ["acpi_add_single_object"], facts: "facts §6.3" },
          tags: "rest",
        },
        unclaimed: {
          description: "Scanned, and the driver did not want it: not enabled and functioning, or acpi_no_memhotplug.",
          meta: { kernel: ["acpi_memory_device_add"], facts: "facts §6.1" },
          tags: ["rest", "enumerated"],
        },
        failed: {
          description: "The driver tried and could not add the memory.",
          meta: { kernel: ["acpi_memory_enable_device"], facts: "facts §6.1" },
          tags: "rest",
        },
        released: {
          description: "Its memory was given back; the firmware has not taken it away.",
          meta: { kernel: ["acpi_bus_trim"], facts: "facts §6.3" },
          tags: "rest",
        },
      },
    },
    attaching: {
      description: "The memory driver takes the device.",
      meta: { kernel: ["acpi_memory_device_add"], facts: "facts §6.1" },
      tags: "transit",
      initial: "reading",
      states: {
        reading: {
          description: "Memory ranges from _CRS, merged where they touch; then _STA must be usable.",
          meta: { kernel: ["acpi_memory_get_device_resources"], facts: "facts §6.1" },
          entry: { type: "perform", params: { step: "read_resources" } },
          on: {
            DONE: "adding",
            DECLINED: "#memoryDevice.present.unclaimed",
            FAILED: { target: "#memoryDevice.present.failed", actions: "rememberFailure" },
          },
        },
        adding: {
          description: "add_memory for each range, then each of its blocks is bound to the device. EEXIST is success.",
          meta: { kernel: ["acpi_memory_enable_device", "add_memory"], facts: "facts §6.1, §5.1" },
          entry: { type: "perform", params: { step: "add_memory" } },
          on: {
            DONE: { target: "#memoryDevice.attached", actions: "bind" },
            FAILED: { target: "#memoryDevice.present.failed", actions: "rememberFailure" },
          },
        },
      },
    },
    attached: {
      description: "Its memory is the kernel's. Blocks go online and offline as they like.",
      meta: { kernel: ["acpi_memory_enable_device"], facts: "facts §6.1" },
      tags: ["rest", "bound", "enumerated"],
      on: {
        OFFLINE: { target: "ejecting", actions: "forgetFailure" },
        DETACH: { target: "detaching", actions: "rememberKeep" },
        SKIP: { actions: "markSkipped" },
      },
    },
    ejecting: {
      description: "An eject of it, or of what contains it, takes its blocks offline, ascending.",
      meta: { kernel: ["acpi_scan_hot_remove"], facts: "facts §6.3" },
      tags: "transit",
      initial: "first_pass",
      states: {
        first_pass: {
          description: "Every block is tried; failures are remembered and do not stop the pass.",
          meta: { kernel: ["acpi_scan_try_to_offline", "device_offline"], facts: "facts §6.3" },
          entry: { type: "perform", params: { step: "offline_first_pass" } },
          on: { DONE: "emptied", FAILED: { target: "in_use", actions: "rememberFailure" } },
        },
        second_pass: {
          description: "Blocks that the first pass did not take are tried once more, up to the first failure.",
          meta: { kernel: ["acpi_scan_try_to_offline", "device_offline"], facts: "facts §6.3" },
          entry: { type: "perform", params: { step: "offline_second_pass" } },
          on: {
            DONE: { target: "emptied", actions: "forgetFailure" },
            FAILED: { target: "in_use", actions: "rememberFailure" },
          },
        },
        emptied: {
          description: "All its blocks are offline; others of the same eject may not be.",
          meta: { kernel: ["acpi_scan_try_to_offline"], facts: "facts §6.3" },
        },
        in_use: {
          description: "A block would not go offline.",
          meta: { kernel: ["acpi_scan_try_to_offline"], facts: "facts §6.3" },
        },
        rolling_back: {
          description: "Blocks that this eject took offline go online again; those that were offline before stay.",
          meta: { kernel: ["acpi_bus_online", "device_online"], facts: "facts §6.3" },
          entry: { type: "perform", params: { step: "online_again" } },
          on: {
            DONE: [{ guard: "isBound", target: "#memoryDevice.attached" }, { target: "#memoryDevice.present.failed" }],
          },
        },
      },
      on: {
        OFFLINE_AGAIN: ".second_pass",
        ROLL_BACK: ".rolling_back",
        DETACH: [{ guard: "isBound", target: "detaching", actions: "rememberKeep" }, { target: "present.released" }],
      },
    },
    detaching: {
      description: "Blocks are unbound and the memory is removed. A block that is still online is fatal to the kernel.",
      meta: { kernel: ["acpi_memory_device_remove", "remove_memory"], facts: "facts §6.1, §5.2" },
      tags: "transit",
      entry: { type: "perform", params: { step: "remove_memory" } },
      on: {
        DONE: [
          { guard: "isKept", target: "held" },
          { target: "present.released", actions: "unbind" },
        ],
      },
    },
    held: {
      description: "6.12: its memory was given back, but the driver holds it until _STA shows that it is gone.",
      meta: { kernel: ["acpi_scan_hot_remove"], facts: "facts §6.3" },
      tags: ["rest", "bound", "enumerated"],
      on: {
        DETACH: [
          { guard: "keepsDriver", target: "held" },
          { target: "present.released", actions: "unbind" },
        ],
        RELEASE: { target: "present.released", actions: "unbind" },
        SKIP: { actions: "markSkipped" },
      },
    },
  },
});

/** The type of `memoryDeviceMachine`. */
export type MemoryDeviceMachine = typeof memoryDeviceMachine;
