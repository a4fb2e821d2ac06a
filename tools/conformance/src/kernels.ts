/** memhp's kernels for tests of the rooms below @memhp/kernels, which cannot depend on it. */
export { type Kernel, kernelOf, withConfig } from "@memhp/kernels";
import { kernels } from "@memhp/kernels";

export const kernelIds: readonly string[] = kernels.map(({ id }) => id);
