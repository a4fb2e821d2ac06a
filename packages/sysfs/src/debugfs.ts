import { done } from "@memhp/abi";
import { directory, lookupDirectory } from "./directory.ts";
import type { KernelPort } from "./kernel-port.ts";
import type { Directory, FileNode } from "./tree-node.ts";

const NAME = "notifier-error-inject";

type Action = Parameters<KernelPort["readInjection"]>[0];

/** /sys/kernel/debug: the error injection's files, once its module is loaded (facts/kernel.md §7). */
export function debugDirectory(port: KernelPort): Directory {
  // Looked at on each lookup: the module may come later than the tree.
  const injection = (): Directory | undefined => (port.hasErrorInjection() ? injectionDirectory(port) : undefined);
  return lookupDirectory(
    () => (port.hasErrorInjection() ? [NAME] : []),
    (name) => (name === NAME ? injection() : undefined),
    0o700,
  );
}

function injectionDirectory(port: KernelPort): Directory {
  const action = (name: Action): Directory => directory({ error: errorFile(port, name) });
  return directory({
    memory: directory({
      actions: directory({
        MEM_GOING_OFFLINE: action("MEM_GOING_OFFLINE"),
        MEM_GOING_ONLINE: action("MEM_GOING_ONLINE"),
      }),
    }),
  });
}

/** A debugfs number: mode 0600, size 0, parsed by whoever fulfils the port. */
function errorFile(port: KernelPort, action: Action): FileNode {
  return {
    kind: "file",
    mode: 0o600,
    size: 0,
    read: () => done(port.readInjection(action)),
    write: (data) => port.writeInjection(action, data),
  };
}
