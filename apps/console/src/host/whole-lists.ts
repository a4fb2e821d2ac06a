// The page's build gives these lists here as they are, and everywhere else with what its first machine has (vite.config.ts).
export { deviceTypes } from "@memhp/devices";
export { builds, kernels } from "@memhp/kernels";
export { announcers } from "@memhp/machine";
export { platforms } from "@memhp/platforms";
