export { MountUnavailable, mountAvailable } from "./device.ts";
export { mountMachine } from "./mount-machine.ts";
export { type Mount, serveFiles, type ServeOptions } from "./serve.ts";
