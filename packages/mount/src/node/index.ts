export { MountUnavailable, mountAvailable } from "./device.ts";
export { mountMachine, type MountOptions } from "./mount-machine.ts";
export { type Mount, serveFiles, type ServeOptions } from "./serve.ts";
