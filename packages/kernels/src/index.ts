export { findKernel, kernelOf, kernels, defaultKernel } from "./kernels.ts";
export { builds } from "./builds.ts";
export { kernelFor, kernelNames } from "./kernel-for.ts";
export { ConfigError, configText, withConfig } from "./with-config.ts";
export { sourceNote } from "./from-source.ts";
export { configErrors, switchesOf, type SwitchView } from "./kconfig/built-as.ts";

export type { Kernel, KernelBuild, KernelSection, KernelSource } from "./kernel.ts";
export type { AddRules } from "./add-rules.ts";
export type { CaptureRules } from "./capture-rules.ts";
export type { KconfigSwitch } from "./kconfig/kconfig-switch.ts";
export type { CounterItems, CounterRules } from "./counter-rules.ts";
export type { MachineRules } from "./machine-rules.ts";
export type { RecorderRules } from "./recorder-rules.ts";
