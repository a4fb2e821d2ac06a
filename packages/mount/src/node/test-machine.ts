import { dimmsOf } from "@memhp/devices";
import { mkdtemp, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SimEvent } from "@memhp/abi";
import { bootMachine, type Machine, type MachineOptions, parseMachineSpec } from "@memhp/machine";
import { mountMachine, type MountOptions } from "./mount-machine.ts";
import type { Mount } from "./serve.ts";

/** A machine for one test of a program, with its files on the disk. */
export interface TestMachine {
  readonly machine: Machine;
  readonly mount: Mount;
  /** The directory in which `sys` and `proc` are. */
  readonly root: string;
  /** Everything that has happened since boot, in order. */
  readonly events: readonly SimEvent[];
  /** What a file shows, without its newline; `memory32/state` is below /sys/devices/system/memory. @throws Error where it cannot be read */
  read(path: string): string;
  /** Plugs in a DIMM, and lets the kernel hear of it. @throws Error where the board does not take it */
  addDimm(id: string, sizeBytes: number, node?: number): Promise<void>;
  /** Unmounts, and ends the machine. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The machine that a test gets. */
export interface TestMachineOptions extends MachineOptions, MountOptions {
  /** As in QEMU: `{ memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes: [] }`, which is what comes without it. */
  readonly machine?: object;
}

const DEFAULT_MACHINE = { memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes: [] };
const MEMORY = "/sys/devices/system/memory";

/**
 * Boots a machine and mounts its files in a directory of its own: for test suites of programs that read or write them.
 * Start the program with `execFile` or `spawn`, not with their `…Sync` twins: this thread answers it.
 * @throws MountUnavailable, SpecError
 */
export async function startTestMachine(options: TestMachineOptions): Promise<TestMachine> {
  const {
    machine: raw = DEFAULT_MACHINE,
    commands,
    speed,
    seconds,
    isPolled,
    stuckSeconds,
    onBug,
    ...ofMachine
  } = options;
  const given = Object.entries({ commands, speed, seconds, isPolled, stuckSeconds, onBug });
  const ofMount: MountOptions = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const machine = await bootMachine(parseMachineSpec(raw), ofMachine);
  const events: SimEvent[] = [];
  machine.listen((event) => events.push(event));
  const directory = await mkdtemp(join(tmpdir(), "memhp-"));
  const mount = await mountMachine(machine, directory, ofMount).catch(async (error: unknown) => {
    await machine.close();
    await rmdir(directory);
    throw error;
  });
  const close = async (): Promise<void> => {
    await mount.unmount();
    await rmdir(directory);
    await machine.close();
  };
  return {
    machine,
    mount,
    root: mount.directory,
    events,
    read(path) {
      const read = machine.files.read(path.startsWith("/") ? path : `${MEMORY}/${path}`);
      if (!read.ok) throw new Error(`${path}: ${read.refusal.errno}`);
      return read.value.trimEnd();
    },
    async addDimm(id, sizeBytes, node = 0) {
      const memdev = `mem-${id}`;
      dimmsOf(machine).offerBackend(memdev);
      const added = await dimmsOf(machine).insert({ id, memdev, sizeBytes, node });
      if (!added.ok) throw new Error(added.refusal.desc);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
