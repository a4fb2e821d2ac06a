/** Who holds kernel pages of which somebody told: a recorded run, a scenario. */
export const TOLD_OWNER = "given";

/** Who holds those that the kernel took for itself. */
export const OWN_OWNER = "kernel";
