import type { MachineImage } from "@memhp/machine";

/** Hears of each checkpoint of a run. */
export type OnCheckpoint = (name: string, image: MachineImage) => void | Promise<void>;
