export { Filesystem } from "./filesystem/filesystem.ts";
export { machineFiles } from "./machine-files.ts";
export { decodeRequest } from "./protocol/request.ts";

export type { Call, ServedFiles } from "./filesystem/served-files.ts";
export type { Request } from "./protocol/request.ts";
