import { MIB } from "@memhp/abi";
import type { LoadKind } from "@memhp/engine";
import type { Machine } from "@memhp/machine";
import { StepError } from "./operations/step-error.ts";
import type { ProgramOrder } from "./operations/target.ts";

/** What programs of the guest act on. */
export interface GuestHost {
  readonly machine: Machine;
  /** Writes in the background, under the name of the program. */
  writeInBackground(name: string, path: string, data: string): void;
  /** Ends what runs in the background under a name. @returns false where nothing does. */
  kill(name: string): Promise<boolean>;
}

/** Who hears that a program is about to use memory of a node. */
interface BeforeUse {
  beforeUse(node: number): Promise<void>;
}

const kindOf: ReadonlyMap<string, LoadKind> = new Map([
  ["anon", "anon"],
  ["file", "file"],
  ["shm", "shm"],
  ["mlock", "mlock"],
  ["thp", "thp"],
  ["hugetlb", "hugetlb"],
  ["pgtable", "pagetable"],
  ["pipe", "pipe"],
  ["dentry", "dentry"],
  ["pin", "anon"],
]);

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
async function startLoad(
  { machine }: GuestHost,
  kernelPages: BeforeUse,
  id: string,
  words: readonly string[],
): Promise<void> {
  const [kind = "", size = "0", node = "-1", block] = words;
  const known = kindOf.get(kind);
  if (known === undefined)
    throw new StepError(`bg: cmd: load ${kind} is not known (allowed: ${[...kindOf.keys()].join(", ")})`, "cmd");
  const wanted = { size: Number(size), node: Number(node), block: block === undefined ? undefined : Number(block) };
  if (!Number.isSafeInteger(wanted.size) || wanted.size <= 0)
    throw new StepError(`bg: cmd: load ${kind}: expected a size above 0, found ${size}`, "cmd");
  if (!(wanted.node < 0) && !machine.map.nodes.has(wanted.node))
    throw new StepError(
      `bg: cmd: load ${kind}: node ${node} does not exist (nodes: ${[...machine.map.nodes.keys()].join(", ")})`,
      "cmd",
    );
  // The recorder binds it; preferring the node keeps a load that fills it whole from failing for want of its last pages.
  const policy = wanted.node < 0 ? undefined : ({ mode: "prefer", nodes: [wanted.node] } as const);
  if (machine.pages.loads.get(id) !== undefined) await machine.pages.loads.end(id);
  await kernelPages.beforeUse(policy?.nodes[0] ?? 0);
  const started = await machine.pages.loads.start({
    id,
    kind: known,
    sizeBytes: bytesOf(kind, wanted.size, machine),
    ...(policy === undefined ? {} : { policy }),
    ...(kind === "pin" ? { pin: "short" as const } : {}),
  });
  // Its output would say so, which nobody sees.
  if (!started.ok) machine.tell(started.refusal);
  if (kind === "pin" && wanted.block !== undefined) await pinPagesOf(machine, id, wanted.block);
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

async function runShell(machine: Machine, kernelPages: BeforeUse, command: string): Promise<void> {
  for (const part of command.split(/[;\n]/)) {
    const echo = ECHO.exec(part.replace(/\s*2>\S+/, ""));
    if (echo === null || !machine.files.stat(echo[2] as string).ok) continue;
    const node = /\/node(\d+)\/hugepages\//.exec(echo[2] as string);
    if (echo[2]?.endsWith("/nr_hugepages") === true) await kernelPages.beforeUse(Number(node?.[1] ?? 0));
    await machine.write(echo[2] as string, `${echo[1]}\n`);
  }
}

/** A program of the guest: loads, and writes of files; its output is not simulated. @throws StepError for a load that makes no sense. */
export async function runProgram(order: ProgramOrder, host: GuestHost, kernelPages: BeforeUse): Promise<void> {
  if (order.do === "run") return runShell(host.machine, kernelPages, order.command);
  if (order.do === "kill") {
    if (!(await host.kill(order.name))) await host.machine.pages.loads.end(order.name);
    return;
  }
  const [program, ...words] = order.command.trim().split(/\s+/);
  const echo = ECHO.exec(order.command);
  if (program === "load") await startLoad(host, kernelPages, order.name, words);
  else if (echo !== null) host.writeInBackground(order.name, echo[2] as string, `${echo[1]}\n`);
}
