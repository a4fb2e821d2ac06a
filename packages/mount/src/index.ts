export { CONTROL, type ControlFile, withControlFiles } from "./control-files.ts";
export { type ControlCommand, logLine, type MachineControl, machineControl } from "./machine-control.ts";
export { Filesystem } from "./filesystem/filesystem.ts";
export { machineFiles } from "./machine-files.ts";
export { oddTree, oddTrees } from "./odd-trees.ts";
export { decodeRequest } from "./protocol/request.ts";

export type { OddTree } from "./odd-trees.ts";
export type { Call, ServedFiles } from "./filesystem/served-files.ts";
export type { Request } from "./protocol/request.ts";
