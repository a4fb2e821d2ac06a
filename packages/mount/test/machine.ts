import { dimmsOf } from "@memhp/devices";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFile } from "node:child_process";
import { bootMachine, type Machine, parseMachineSpec } from "@memhp/machine";

const GIB = 2 ** 30;

/** Two nodes of 1 GiB and an offline DIMM of 1 GiB on node 1, from block 32 on. */
export async function machineWithDimm(kernel = "6.12"): Promise<Machine> {
  const spec = parseMachineSpec({
    machine: "q35",
    memory: "2G",
    slots: 8,
    maxmem: "64G",
    smp: 2,
    nodes: [
      { nodeid: 0, mem: "1G", cpus: "0" },
      { nodeid: 1, mem: "1G", cpus: "1" },
    ],
    cmdline: "memhp_default_state=offline",
  });
  const machine = await bootMachine(spec, { kernel, kernelBlocks: [] });
  await addDimm(machine, "d0");
  return machine;
}

export async function addDimm(machine: Machine, id: string, node = 1): Promise<void> {
  dimmsOf(machine).offerBackend(`mem-${id}`);
  const added = await dimmsOf(machine).insert({ id, memdev: `mem-${id}`, sizeBytes: GIB, node });
  if (!added.ok) throw new Error(added.refusal.desc);
}

export interface Ran {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program beside this thread, which serves the mount meanwhile. */
export function ran(program: string, args: readonly string[], signal?: AbortSignal): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { encoding: "utf8", env: { ...process.env, LC_ALL: "C" }, ...(signal ? { signal } : {}) } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : (error.code ?? -1), stdout, stderr });
    });
  });
}

export function shell(script: string): Promise<Ran> {
  return ran("bash", ["-c", script]);
}

/** A directory for one test, which goes with it. */
export async function inDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "memhp-mount-"));
  try {
    await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Takes a reference to a page in use of a block: an offline of it tries for ever. */
export async function pinIn(machine: Machine, block: number): Promise<void> {
  const { blockPages } = machine.map;
  const policy = { mode: "bind", nodes: [1] } as const;
  await machine.pages.loads.start({ id: "pinned", kind: "anon", sizeBytes: GIB, policy });
  const runs = await machine.pages.runs(block * blockPages, blockPages);
  const used = runs.find((run) => run.page?.owner === "load:pinned");
  if (used === undefined) throw new Error(`no page of block ${block} is in use`);
  await machine.pages.reference(used.startPfn, 1);
}
