import type { ErrnoName } from "@memhp/abi";
import type { LoadKind } from "@memhp/engine";
import type { Answer } from "../session/answer.ts";
import type { InjectAction } from "../session/state-words.ts";
import type { HostReport } from "./machine-file.ts";
import type { HistoryView } from "./history.ts";
import type { EventType } from "../words/event-types.ts";
import type { RefusalGroup } from "../words/refusal-words.ts";
import type { FieldRow, StepView } from "../replay/steps.ts";

// What the page is told of a machine that lives in a worker: plain data, in words where a person reads it.

export interface DimmView {
  readonly id: string;
  readonly node: number;
  readonly sizeBytes: number;
  /** `32-39`; empty where the kernel took none of it. */
  readonly blocks: string;
}

interface ContainerMemoryView {
  readonly id: string;
  /** The file through which the guest asks for its eject. */
  readonly eject: string;
  readonly sizeBytes: number;
  readonly blocks: string;
}

export interface ContainerView {
  readonly id: string;
  readonly hid: string;
  readonly isIn: boolean;
  readonly isOnline: boolean;
  readonly memory: readonly ContainerMemoryView[];
}

/** A memory device that is no DIMM, and what it is at. */
export interface DeviceStateView {
  readonly id: string;
  readonly words: string;
}

interface LoadView {
  readonly id: string;
  readonly kind: LoadKind;
  readonly sizeBytes: number;
  /** `1G on node 0`. */
  readonly where: string;
}

/** What changes while the machine works. */
export interface LiveView {
  readonly nowNs: number;
  /** Names of writes in the background. */
  readonly going: readonly string[];
  readonly isBusy: boolean;
  /** How many events there were, and how many of the oldest are kept no more. */
  readonly events: { readonly end: number; readonly dropped: number };
  readonly progress: { readonly done: number; readonly total: number } | undefined;
}

/** What changes by what is done. */
export interface PartsView {
  readonly kernel: string;
  readonly possibleNodes: number;
  /** Nodes that a DIMM may be put at, and those that a load may be bound to. */
  readonly dimmNodes: readonly number[];
  readonly loadNodes: readonly number[];
  readonly blockBytes: number;
  readonly pageBytes: number;
  readonly slots: number;
  readonly dimms: readonly DimmView[];
  readonly containers: readonly ContainerView[];
  /** Driver-managed memory, virtio-mem, a balloon. */
  readonly devices: readonly DeviceStateView[];
  readonly loads: readonly LoadView[];
  readonly injected: Readonly<Record<InjectAction, ErrnoName | "none">>;
  /** Memory of devices that the kernel did not take at boot, and words of the machine that change nothing, in sentences. */
  readonly bootRefusals: readonly string[];
  readonly history: HistoryView;
  /** What is foreseen of a captured host. */
  readonly host: HostReport | undefined;
}

export interface MachineView extends LiveView, PartsView {}

/** One block with its files and its past. */
export interface BlockView {
  readonly block: number;
  /** Number, node, addresses, state, zone, what its files say; in one line. */
  readonly words: string;
  readonly isThere: boolean;
  readonly files: readonly (readonly [name: string, text: string])[];
  /** Path of the state in the block's statechart. */
  readonly leaf: string;
  readonly holdsKernelPages: boolean;
  readonly transitions: readonly { readonly atNs: number; readonly from: string; readonly to: string }[];
  /** Events before this many are kept no more, so its past may be longer. */
  readonly dropped: number;
  readonly refusal: RefusalGroup | undefined;
}

export interface EventView {
  /** Its number in the whole stream. */
  readonly number: number;
  readonly atNs: number;
  readonly node: number;
  readonly type: EventType;
  readonly words: string;
  readonly isTrouble: boolean;
  readonly block: number | undefined;
  readonly refusal: RefusalGroup | undefined;
}

/** A window of the events that a filter lets through. */
export interface EventsView {
  /** How many it lets through. */
  readonly count: number;
  readonly first: number;
  readonly rows: readonly EventView[];
  /** Row of the event that was asked for, or -1. */
  readonly at: number;
}

export interface ZoneView {
  readonly node: number;
  readonly zone: number;
  readonly name: string;
  readonly startPfn: number;
  readonly spannedPages: number;
  readonly presentPages: number;
  readonly managedPages: number;
}

/** A scenario or kernel trace that is open, and how many of its steps the machine has taken. */
export interface OpenView {
  readonly name: string;
  readonly kernel: string;
  readonly step: number;
  readonly steps: readonly StepView[];
  /** `12 of 12 steps as the kernel 4.1 answered`. */
  readonly summary: string;
  readonly differs: boolean;
  /** How the step taken last came out. */
  readonly answer: Answer | undefined;
  /** Heading of the column beside memhp's. */
  readonly besides: string;
}

/** One step: what was recorded or expected beside what memhp did. */
export interface StepFieldsView {
  readonly notes: readonly string[];
  readonly differences: readonly string[];
  readonly rows: readonly FieldRow[];
}
