import { Prng } from "@memhp/engine";
import { FileFaults } from "@memhp/sysfs";

/** Faults of files, none at first; those with a probability strike by the seed. */
export function fileFaults(seed: number): FileFaults {
  const prng = new Prng(seed);
  return new FileFaults(() => prng.next());
}
