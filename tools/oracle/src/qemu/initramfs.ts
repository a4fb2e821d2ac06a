import { type CpioEntry, S_IFCHR, S_IFDIR, S_IFREG, writeCpio } from "./cpio.ts";

/** A kernel module by the name that `insmod` steps give it. */
export interface GuestModule {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Where the agent finds a module. */
export function modulePath(name: string): string {
  return `/modules/${name}.ko`;
}

/** The whole userspace of the recorded guest: the agent as /init, and modules. */
export function buildInitramfs(agent: Uint8Array, modules: readonly GuestModule[]): Uint8Array {
  const directory = (path: string): CpioEntry => ({ path, mode: S_IFDIR | 0o755 });
  return writeCpio([
    ...["dev", "proc", "sys", "modules"].map(directory),
    // The kernel opens it for the agent's own messages before devtmpfs is mounted.
    { path: "dev/console", mode: S_IFCHR | 0o600, device: { major: 5, minor: 1 } },
    { path: "init", mode: S_IFREG | 0o755, data: agent },
    ...modules.map(({ name, bytes }) => ({ path: modulePath(name).slice(1), mode: S_IFREG | 0o644, data: bytes })),
  ]);
}
