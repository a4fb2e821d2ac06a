/** The floor of every published room. A room imports only from floors below its own. */
export const FLOORS: Readonly<Record<string, number>> = {
  "@memhp/abi": 0,
  "@memhp/notifier": 1,
  "@memhp/engine": 1,
  "@memhp/acpi": 1,
  "@memhp/block": 1,
  "@memhp/sysfs": 1,
  "@memhp/diagram": 1,
  "@memhp/inspect": 1,
  "@memhp/hotplug": 2,
  "@memhp/kernels": 2,
  "@memhp/platforms": 2,
  "@memhp/qmp": 2,
  "@memhp/udev": 2,
  "@memhp/devices": 3,
  "@memhp/shards": 3,
  "@memhp/machine": 4,
  "@memhp/scenario": 5,
  "@memhp/capture": 5,
  "@memhp/mount": 5,
  // What belongs to recorders of kernels: apps and tools import it, no other package does.
  "@memhp/recorded": 6,
  "@memhp/sweep": 6,
  "@memhp/shell": 6,
  "@memhp/console": 7,
  // Above the console, whose built page it serves.
  memhp: 8,
};

/** Where Node's own modules may be used. Everything else also runs in a browser. */
const NODE_ONLY: readonly string[] = [
  "packages/qmp/src/node/",
  "packages/shards/src/node/",
  "packages/machine/src/node/",
  "packages/scenario/src/node/",
  "packages/capture/src/node/",
  "packages/mount/src/node/",
  "packages/sweep/src/node/",
  "apps/cli/",
];

export function isNodeOnly(file: string): boolean {
  return NODE_ONLY.some((folder) => `${file}/`.startsWith(folder));
}
