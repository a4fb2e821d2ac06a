import { assign, setup } from "xstate";
import type { StepAnswer, StepFailure } from "./step.ts";

/** The steps of a container; `container-steps.ts` carries them out. */
export const containerSteps = [
  "register",
  "announce_online",
  "check_members",
  "tell_offline",
  "tell_online",
  "request_offline",
  "unregister",
] as const;
/** A name of `containerSteps`: a step that a chart begins and somebody carries out. */
export type ContainerStep = (typeof containerSteps)[number];

/** What a container's chart begins with. */
export interface ContainerInput {
  /** Place in the namespace, for those who look at the actor. */
  readonly path: string;
}

/** What a container's chart remembers; plain data, so that a snapshot is. */
export interface ContainerContext extends ContainerInput {
  /** Why the last attach or offline failed. */
  readonly failure: StepFailure | null;
  /** A scan found the device gone while its driver held it, and left it alone. */
  readonly skipped: boolean;
  /** Of the DETACH that is under way. */
  readonly keepDriver: boolean;
}

/** What a container's chart hears. */
export type ContainerEvent =
  | StepAnswer
  | { type: "APPEAR" }
  | { type: "ATTACH" }
  | { type: "ANNOUNCE" }
  | { type: "ONLINE" }
  | { type: "OFFLINE" }
  | { type: "EJECT" }
  /** `keepDriver`: the driver stays until the firmware has taken the device away. */
  | { type: "DETACH"; keepDriver: boolean }
  | { type: "RELEASE" }
  | { type: "SKIP" }
  | { type: "VANISH" };

/** `bound`: the container driver holds it. `enumerated`: a scan of the namespace went through it. */
export type ContainerTag = "rest" | "transit" | "bound" | "enumerated";

const chart = setup({
  types: {
    context: {} as ContainerContext,
    input: {} as ContainerInput,
    events: {} as ContainerEvent,
    tags: {} as ContainerTag,
    /** The kernel's functions, and the facts. Functions that the facts do not name are from the kernel's source, and not recorded. */
    meta: {} as { readonly kernel: readonly string[]; readonly facts: string },
  },
  guards: {
    isKept: ({ context }) => context.keepDriver,
    keepsDriver: ({ event }) => event.type === "DETACH" && event.keepDriver,
  },
  actions: {
    /** Whoever drives the chart provides what a step is; by itself it only walks. */
    perform: (_args, _params: { step: ContainerStep }) => {},
    rememberFailure: assign({
      failure: ({ event, context }) => (event.type === "FAILED" ? event : context.failure),
    }),
    forgetFailure: assign({ failure: null }),
    markSkipped: assign({ skipped: true }),
    forgetSkipped: assign({ skipped: false }),
    rememberKeep: assign({ keepDriver: ({ event }) => event.type === "DETACH" && event.keepDriver }),
  },
});

/** The life of an ACPI container: ACPI0004, PNP0A05 or PNP0A06 (facts/kernel.md §6.5). */
export const containerMachine = chart.createMachine({
  id: "container",
  description: "A container and its device /sys/devices/system/container/ACPI0004:NN",
  context: ({ input }) => ({ ...input, failure: null, skipped: false, keepDriver: false }),
  initial: "absent",
  states: {
    absent: {
      description: "_STA says neither present nor functioning.",
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
          description: "Scanned, and the driver did not want it: a docking station, or a kernel without containers.",
          meta: { kernel: ["container_device_attach"], facts: "facts §6.5" },
          tags: ["rest", "enumerated"],
        },
        released: {
          description: "Its device is unregistered; the firmware has not taken it away.",
          meta: { kernel: ["acpi_bus_trim"], facts: "facts §6.3" },
          tags: "rest",
        },
      },
    },
    attaching: {
      description: "The container device is registered: add uevent.",
      meta: { kernel: ["container_device_attach"], facts: "facts §6.5" },
      tags: "transit",
      entry: { type: "perform", params: { step: "register" } },
      on: { DONE: "attached", DECLINED: "present.unclaimed" },
    },
    attached: {
      description: "The container device exists; its members come and go.",
      meta: { kernel: ["container_device_attach"], facts: "facts §6.5" },
      tags: ["bound", "enumerated"],
      initial: "online",
      states: {
        online: {
          description: "`online` reads 1.",
          meta: { kernel: ["device_online"], facts: "facts §6.5" },
          tags: "rest",
          on: {
            ANNOUNCE: "announcing",
            OFFLINE: { target: "checking_members", actions: "forgetFailure" },
            EJECT: "requesting_offline",
          },
        },
        announcing: {
          description: "A scan went over the members: online uevent.",
          meta: { kernel: ["container_device_online"], facts: "facts §6.5" },
          tags: "transit",
          entry: { type: "perform", params: { step: "announce_online" } },
          on: { DONE: "online" },
        },
        requesting_offline: {
          description: "An eject came too early: change uevent, so that userspace takes members and container offline.",
          meta: { kernel: ["acpi_scan_hot_remove"], facts: "facts §6.5" },
          tags: "transit",
          entry: { type: "perform", params: { step: "request_offline" } },
          on: { DONE: "online" },
        },
        checking_members: {
          description: "Every physical device of every direct member must be offline.",
          meta: { kernel: ["acpi_container_offline"], facts: "facts §6.5" },
          tags: "transit",
          entry: { type: "perform", params: { step: "check_members" } },
          on: { DONE: "going_offline", FAILED: { target: "online", actions: "rememberFailure" } },
        },
        going_offline: {
          description: "offline uevent.",
          meta: { kernel: ["device_offline"], facts: "facts §6.5" },
          tags: "transit",
          entry: { type: "perform", params: { step: "tell_offline" } },
          on: { DONE: "offline" },
        },
        offline: {
          description: "`online` reads 0; an eject may take it.",
          meta: { kernel: ["device_offline"], facts: "facts §6.5" },
          tags: "rest",
          on: {
            ONLINE: "going_online",
            ANNOUNCE: "announcing_offline",
          },
        },
        announcing_offline: {
          description: "A scan went over the members: online uevent, though the container stays offline.",
          meta: { kernel: ["container_device_online"], facts: "facts §6.5" },
          tags: "transit",
          entry: { type: "perform", params: { step: "announce_online" } },
          on: { DONE: "offline" },
        },
        going_online: {
          description: "Nothing can refuse: online uevent.",
          meta: { kernel: ["device_online"], facts: "facts §6.5" },
          tags: "transit",
          entry: { type: "perform", params: { step: "tell_online" } },
          on: { DONE: "online" },
        },
      },
      on: {
        DETACH: { target: "detaching", actions: "rememberKeep" },
        SKIP: { actions: "markSkipped" },
      },
    },
    detaching: {
      description: "The container device is unregistered: remove uevent.",
      meta: { kernel: ["container_device_detach"], facts: "facts §6.5" },
      tags: "transit",
      entry: { type: "perform", params: { step: "unregister" } },
      on: {
        DONE: [
          { guard: "isKept", target: "held" },
          { target: "present.released", actions: "forgetSkipped" },
        ],
      },
    },
    held: {
      description: "6.12: its device is unregistered, but the driver holds it until _STA shows that it is gone.",
      meta: { kernel: ["acpi_scan_hot_remove"], facts: "facts §6.3" },
      tags: ["rest", "bound", "enumerated"],
      on: {
        DETACH: [
          { guard: "keepsDriver", target: "held" },
          { target: "present.released", actions: "forgetSkipped" },
        ],
        RELEASE: { target: "present.released", actions: "forgetSkipped" },
        SKIP: { actions: "markSkipped" },
      },
    },
  },
});

/** The type of `containerMachine`. */
export type ContainerMachine = typeof containerMachine;
