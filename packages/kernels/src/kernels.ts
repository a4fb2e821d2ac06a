import { linux41 } from "./4.1/index.ts";
import { linux41nomn } from "./4.1-nomn/index.ts";
import { linux418 } from "./4.18/index.ts";
import { linux54 } from "./5.4/index.ts";
import { linux510 } from "./5.10/index.ts";
import { linux514 } from "./5.14/index.ts";
import { linux515 } from "./5.15/index.ts";
import { linux61 } from "./6.1/index.ts";
import { linux612 } from "./6.12/index.ts";
import { linux66 } from "./6.6/index.ts";
import { linux68 } from "./6.8/index.ts";
import { linux73 } from "./7.3/index.ts";
import { builds } from "./builds.ts";
import type { Kernel } from "./kernel.ts";

/** The kernels that memhp knows, oldest first. A new one is its folder and a line here. */
export const kernels: readonly Kernel[] = [
  linux41,
  linux41nomn,
  linux418,
  linux54,
  linux510,
  linux514,
  linux515,
  linux61,
  linux66,
  linux68,
  linux612,
  linux73,
];

/** The kernel of people who do not say which. */
export const defaultKernel: Kernel = linux612;

/** The kernel with an id, where the list has it; memhp's own list has its builds for other platforms too. */
export function findKernel(id: string, among: readonly Kernel[] = kernels): Kernel | undefined {
  const found = among.find((kernel) => kernel.id === id);
  return found ?? (among === kernels ? builds.find((build) => build.id === id) : undefined);
}

/**
 * The kernel with an id, among memhp's own or a caller's list.
 * @throws RangeError for an id that is not in the list, which names those that are.
 */
export function kernelOf(id: string, among: readonly Kernel[] = kernels): Kernel {
  const found = findKernel(id, among);
  if (found === undefined) {
    throw new RangeError(
      `unknown kernel ${JSON.stringify(id)} (known: ${among.map((kernel) => kernel.id).join(", ")})`,
    );
  }
  return found;
}
