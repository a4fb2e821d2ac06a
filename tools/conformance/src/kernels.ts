/** memhp's kernels for tests of the rooms below @memhp/kernels, which cannot depend on it. */
export { type Kernel, kernelOf, withConfig } from "@memhp/kernels";
import { kernels } from "@memhp/kernels";

/** Kernels with recorded runs. */
export const kernelIds: readonly string[] = kernels.filter(({ recordedRuns }) => recordedRuns > 0).map(({ id }) => id);
