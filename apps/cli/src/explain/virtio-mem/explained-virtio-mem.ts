import type { Refusal } from "@memhp/abi";

/** A virtio-mem device: what is plugged, and what a request of 0 would leave of it. Bytes. */
export interface ExplainedVirtioMem {
  /** The monitor's id of it; of a host the kernel's name, `virtio1`. */
  readonly id: string;
  /** Physical address of its first byte. */
  readonly addr: number;
  /** The most that may be plugged. */
  readonly max: number;
  readonly node: number | null;
  /** What is plugged and unplugged as one; null where nobody tells. */
  readonly unit: number | null;
  readonly plugged: number;
  readonly requested: number | null;
  /** State of its driver; null where nobody tells, or no driver is loaded. */
  readonly state: string | null;
  /** What a request of 0 would leave plugged, by what holds it. */
  readonly stays: readonly HeldUnits[];
  /** What stopped the last shrink, where it stopped short. */
  readonly stopped?: Refusal;
  readonly cannot_tell: readonly string[];
}

/** Units that are held by the same. */
export interface HeldUnits {
  /** A list such as `32-33`. */
  readonly blocks: string;
  readonly zone: string | null;
  /** How many units; null where only blocks are known. */
  readonly units: number | null;
  /** Of those units. */
  readonly bytes: number;
  /** Pages in the way, and the first of them, in words. */
  readonly held_by: string;
  readonly remedy: readonly string[];
}
