import { MIB } from "@memhp/abi";
import type { LoadKind } from "@memhp/engine";
import type { Machine } from "@memhp/machine";
import type { StepRequest } from "./document.ts";
import type { KernelPages } from "./kernel-pages.ts";

/** What a recorded run's guest programs act on. */
export interface GuestHost {
  readonly machine: Machine;
  readonly kernelPages: KernelPages | undefined;
  /** Writes in the background, under the name of the program. */
  writeInBackground(name: string, path: string, data: string): void;
  /** Ends what runs in the background under a name. @returns false where nothing does. */
  kill(name: string): Promise<boolean>;
}

const kindOf: Readonly<Record<string, LoadKind>> = {
  anon: "anon",
  file: "file",
  shm: "shm",
  mlock: "mlock",
  thp: "thp",
  hugetlb: "hugetlb",
  pgtable: "pagetable",
  pipe: "pipe",
  dentry: "dentry",
  pin: "anon",
};

/** Pages that `load pin` pins: one pipe's worth of what it can splice (z-pinned: `pinned 8`). */
const PINNED_PAGES = 8;
/**
 * Page tables and what they map, two pages for each 2 MiB (6.1: 60,170 pages for `pgtable 60000`). 1,000 files
 * a megabyte in 256 pages of slab, unless the recorder says otherwise.
 */

function bytesOf(kind: string, size: number, machine: Machine): number {
  if (kind === "pgtable") return size * machine.pageSize;
  const { dentries } = machine.kernel.recorder;
  if (kind === "dentry" && dentries !== undefined)
    return Math.ceil(Math.min(size * 1000, dentries.most) / dentries.perPage) * machine.pageSize;
  return size * MIB;
}

/** `load KIND SIZE [NODE] [BLOCK]`: the recorder's program that uses memory. NODE -1 is any; `pin` pins pages in BLOCK. */
async function startLoad(host: GuestHost, id: string, words: readonly string[]): Promise<void> {
  const { machine } = host;
  const [kind = "", size = "0", node = "-1", block] = words;
  const known = kindOf[kind];
  if (known === undefined) return;
  // The recorder binds it; preferring the node keeps a load that fills it whole from failing for want of its last pages.
  const policy = Number(node) < 0 ? undefined : ({ mode: "prefer", nodes: [Number(node)] } as const);
  if (machine.pages.loads.get(id) !== undefined) await machine.pages.loads.end(id);
  await host.kernelPages?.beforeUse(policy?.nodes[0] ?? 0);
  await machine.pages.loads.start({
    id,
    kind: known,
    sizeBytes: bytesOf(kind, Number(size), machine),
    ...(policy === undefined ? {} : { policy }),
    ...(kind === "pin" ? { pin: "short" as const } : {}),
  });
  if (kind === "pin" && block !== undefined) await pinPagesOf(machine, id, Number(block));
}

/** vmsplice: a pipe keeps references to the first pages that the load has in a block. */
async function pinPagesOf(machine: Machine, id: string, block: number): Promise<void> {
  const { blockPages } = machine.map;
  let left = PINNED_PAGES;
  for (const run of await machine.pages.runs(block * blockPages, blockPages)) {
    if (run.page?.owner !== `load:${id}`) continue;
    for (let pfn = run.startPfn; pfn < run.startPfn + run.count && left > 0; pfn++, left--)
      await machine.pages.reference(pfn, 1);
  }
}

/** `echo DATA > PATH` for a file that the machine has; what else a shell does is not simulated. */
const ECHO = /^\s*echo\s+(\S+)\s*>\s*(\/\S+)\s*$/;

async function runShell({ machine, kernelPages }: GuestHost, command: string): Promise<void> {
  for (const part of command.split(/[;\n]/)) {
    const echo = ECHO.exec(part.replace(/\s*2>\S+/, ""));
    if (echo === null || !machine.files.stat(echo[2] as string).ok) continue;
    const node = /\/node(\d+)\/hugepages\//.exec(echo[2] as string);
    if (echo[2]?.endsWith("/nr_hugepages") === true) await kernelPages?.beforeUse(Number(node?.[1] ?? 0));
    await machine.write(echo[2] as string, `${echo[1]}\n`);
  }
}

/** The recording module beyond the in-kernel API: pages that it holds on a node, references to single pages. */
async function runModule({ machine, kernelPages }: GuestHost, data: string): Promise<void> {
  const [verb = "", first = "", second = ""] = data.trim().split(/\s+/);
  const { loads } = machine.pages;
  if (verb === "hold") {
    const id = `memlog-${loads.list().filter((load) => load.id.startsWith("memlog-")).length}`;
    const policy = { mode: "bind", nodes: [Number(first)] } as const;
    await kernelPages?.beforeUse(Number(first));
    await loads.start({ id, kind: "kernel", sizeBytes: Number(second) * machine.pageSize, policy });
  }
  if (verb === "drop") for (const load of loads.list()) if (load.id.startsWith("memlog-")) await loads.end(load.id);
  if (verb === "holdpin") await machine.pages.reference(Number(second), 1);
  if (verb === "unpin") await machine.pages.reference(Number(second), -1);
}

/** A step of a recorded run that acts through the guest's userspace; its output is not simulated. */
export async function runGuest(host: GuestHost, request: StepRequest): Promise<void> {
  const command = typeof request["cmd"] === "string" ? request["cmd"] : "";
  const name = typeof request["name"] === "string" ? request["name"] : "";
  if (request.op === "sh") return runShell(host, command);
  if (request.op === "memlog") return runModule(host, typeof request["data"] === "string" ? request["data"] : "");
  if (request.op === "kill") {
    if (!(await host.kill(name))) await host.machine.pages.loads.end(name);
    return;
  }
  if (request.op !== "bg") return;
  const [program, ...words] = command.trim().split(/\s+/);
  const echo = ECHO.exec(command);
  if (program === "load") await startLoad(host, name, words);
  else if (echo !== null) host.writeInBackground(name, echo[2] as string, `${echo[1]}\n`);
}
