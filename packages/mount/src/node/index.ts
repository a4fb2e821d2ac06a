export { MountUnavailable, mountAvailable } from "./device.ts";
export { mountMachine, type MountOptions } from "./mount-machine.ts";
export { type Mount, serveFiles, type ServeOptions } from "./serve.ts";
export { readTreeOnDisk, writeTree } from "./tree-on-disk.ts";
export { type NamespaceAnswer, type NamespaceCommand, runInNamespace } from "./namespace.ts";
export { startTestMachine, type TestMachine, type TestMachineOptions } from "./test-machine.ts";
