import { type AddedFiles, withAddedFiles } from "./added-files.ts";
import { type Caller, type Errno, type KernelConfig, knownOptions, type Refusal, type Result } from "@memhp/abi";
import { devicesDirectory, hotplugDirectory } from "./acpi-files.ts";
import { readWrite } from "./attribute.ts";
import type { AcpiPort } from "./acpi-port.ts";
import { busesDirectory, cpusDirectory } from "./bus-files.ts";
import { containersDirectory } from "./container-files.ts";
import { cpuTopology } from "./cpus.ts";
import { debugDirectory } from "./debugfs.ts";
import { directory } from "./directory.ts";
import { firmwareMemmapDirectory } from "./firmware-memmap.ts";
import { allHugepagesDirectory } from "./hugepages.ts";
import type { KernelPort } from "./kernel-port.ts";
import { memoryDirectory } from "./memory-files.ts";
import { nodesDirectory } from "./node-files.ts";
import { explainMissing } from "./not-built.ts";
import { parametersDirectory } from "./parameters.ts";
import { resolvePath } from "./path.ts";
import { procDirectory } from "./procfs.ts";
import { type ReadTree, readTree } from "./read-tree.ts";
import { unwritable, wrongKind } from "./refusals.ts";
import type { Directory, FileNode } from "./tree-node.ts";

/** What open(2) and write(2) answered, as the kernel traces note it. */
export interface WriteAnswer {
  readonly openErrno: Errno | 0;
  /** Bytes taken, or -1; 0 where the open failed. */
  readonly ret: number;
  readonly errno: Errno | 0;
  /** Why, where one of the two failed. */
  readonly refusal?: Refusal;
  /** The kernel's event stream has told the refusal already. */
  readonly told?: true;
}

/** The files of a running kernel. Nothing is kept here: each look asks the port. */
export interface Tree extends ReadTree {
  /**
   * open(2) for writing and one write(2); `data` is one character for each byte. Links are followed. The port hears of
   * the caller with whatever the write asks of the kernel.
   */
  write(path: string, data: string, caller?: Caller): Promise<WriteAnswer>;
}

/** Files that a tree has besides those of every kernel. */
export interface TreeOptions {
  /** Adds /sys/firmware/acpi/hotplug, /sys/bus/acpi, the ACPI devices that `firmware_node` leads to, and containers. */
  readonly acpi?: AcpiPort;
  /** Files of devices. */
  readonly added?: AddedFiles;
}

const OPTIONS: Readonly<Record<keyof TreeOptions, true>> = { acpi: true, added: true };

/** The /sys, /proc and debugfs files of the kernel behind `port`. */
export function createTree(port: KernelPort, options: TreeOptions = {}): Tree {
  knownOptions("createTree: options", options, OPTIONS);
  const own = rootDirectory(port, options.acpi);
  const root = options.added === undefined ? own : withAddedFiles(own, options.added);
  const { config } = port.kernel;
  return {
    ...explained(readTree(root), config),
    async write(path, data, caller = {}) {
      const found = resolvePath(root, path, true);
      if (!found.ok) return notOpened(explainMissing(config, path, found.refusal));
      const { node } = found.value;
      if (node.kind !== "file") return notOpened(wrongKind("EISDIR", path).refusal);
      if (node.write === undefined) return notOpened(unwritable(path).refusal);
      const result = await node.write(data, caller);
      if (result.ok) return { openErrno: 0, ret: result.value, errno: 0 };
      const { refusal, told } = result;
      return { openErrno: 0, ret: -1, errno: refusal.errno, refusal, ...(told === undefined ? {} : { told }) };
    },
  };
}

/** The same reading; what is not there for the kernel's configuration says so. */
function explained(tree: ReadTree, config: KernelConfig): ReadTree {
  const told = <T>(path: string, result: Result<T>): Result<T> =>
    result.ok ? result : { ...result, refusal: explainMissing(config, path, result.refusal) };
  return {
    ...tree,
    stat: (path) => told(path, tree.stat(path)),
    list: (path) => told(path, tree.list(path)),
    read: (path) => told(path, tree.read(path)),
    readRange: async (path, offset, length) => told(path, await tree.readRange(path, offset, length)),
  };
}

/** /sys/kernel/dlpar of pseries (observed-newer §3). */
function dlparFile({ kernel, dlpar }: KernelPort): FileNode | undefined {
  if (dlpar === undefined) return undefined;
  return readWrite(
    kernel,
    () => "memory,cpu,dt\n",
    ({ text }, caller) => dlpar(text, caller),
  );
}

function notOpened(refusal: Refusal): WriteAnswer {
  return { openErrno: refusal.errno, ret: 0, errno: 0, refusal };
}

function rootDirectory(port: KernelPort, acpi: AcpiPort | undefined): Directory {
  const { kernel } = port;
  const { MEMORY_HOTPLUG, NUMA, HUGETLBFS } = kernel.config;
  const cpus = cpuTopology(port);
  const parameters = kernel.sysfs.hotplugParameters ? parametersDirectory(port) : undefined;
  const system = directory({
    container: acpi === undefined ? undefined : containersDirectory(port, acpi),
    cpu: cpusDirectory(port, cpus),
    memory: MEMORY_HOTPLUG ? memoryDirectory(port) : undefined,
    node: NUMA ? nodesDirectory(port, cpus) : undefined,
  });
  return directory({
    proc: procDirectory(port, cpus),
    sys: directory({
      bus: busesDirectory(port, cpus, acpi),
      devices: acpi === undefined ? directory({ system }) : devicesDirectory(port, acpi, system),
      firmware: directory({
        acpi: acpi === undefined ? undefined : directory({ hotplug: hotplugDirectory(kernel, acpi) }),
        memmap: firmwareMemmapDirectory(port),
      }),
      kernel: directory({
        debug: debugDirectory(port),
        dlpar: dlparFile(port),
        mm: directory({ hugepages: HUGETLBFS ? allHugepagesDirectory(port) : undefined }),
      }),
      module: directory({ memory_hotplug: parameters === undefined ? undefined : directory({ parameters }) }),
    }),
  });
}
