import type { QemuVersion } from "@memhp/qmp";
import type { IgnoredWord } from "./ignored-word.ts";

/** What a kind of device reads of `machine`, and what the board must have because of it. */
export interface SpecPart<Spec> {
  /** Plain data; undefined where the machine says nothing of such devices. */
  readonly spec?: Spec;
  /** Names that no later device may take. */
  readonly ids?: readonly string[];
  /** How many nodes are possible with what the devices bring. */
  readonly nodes?: number;
  /** Options of QEMU's command line that are carried out, by their place (`readQemuOptions`). */
  readonly qemuOptions?: readonly number[];
  /** Words that are not. */
  readonly ignored?: readonly IgnoredWord[];
  /** Room that the short form must leave for them. */
  readonly room?: DeviceRoom;
}

/** The room that devices of one kind need on a board. */
export interface DeviceRoom {
  readonly slots: number;
  /** Of all of them together, and of the largest. */
  readonly bytes: number;
  readonly largestBytes: number;
}

/** How a machine is described. */
export interface SpecReading {
  /** `{ nodes: { count, memory } }`; else QEMU's view. */
  readonly isShortForm: boolean;
  /** Nodes of the machine itself; 0 without NUMA. */
  readonly nodes: number;
  /** Whose words the command line has; 7.2 unless told otherwise. */
  readonly qemu?: QemuVersion | undefined;
  /** Names that other devices have. */
  readonly taken: Iterable<string>;
}
