import type { Result } from "@memhp/abi";
import { KernelBug, type MemoryRange } from "@memhp/acpi";
import type { Machine, Task } from "@memhp/machine";
import type { Fitting } from "./fitting.ts";
import { StepError } from "./operations/step-error.ts";

type Json = Readonly<Record<string, unknown>>;
type Call = (machine: Machine, range: MemoryRange, node: number) => Task<Result<void>>;

/** The in-kernel API as the recording module calls it: `add 0 100000000 8000000`, numbers in hex. */
const calls: ReadonlyMap<string, Call> = new Map<string, Call>([
  ["add", (machine, range, node) => machine.add(range, { node })],
  ["adddrv", (machine, range, node) => machine.add(range, { node, resourceName: "System RAM (memlog)" })],
  ["addbad", (machine, range, node) => machine.add(range, { node, resourceName: "memlog" })],
  ["remove", (machine, range) => machine.remove(range)],
  ["offrem", (machine, range) => machine.offlineAndRemove(range)],
]);

/** A caller that the kernel kills in a BUG, as the recorder saw it (6.x: l_add_memory_errnos). */
function neverReturns(error: unknown): "never" {
  if (error instanceof KernelBug) return "never";
  throw error;
}

function words(data: string): string[] {
  return data.trim().split(/\s+/);
}

/** True for a call of the kernel's own API; the others hold pages. */
export function isApiCall(data: string): boolean {
  return calls.has(words(data)[0] ?? "");
}

/** Carries a call out. `waitFor` says whether it ended in the time that the step has. */
export async function callApi(
  machine: Machine,
  data: string,
  waitFor: (calling: Task<unknown>) => Promise<boolean>,
): Promise<Json> {
  const [verb = "", node = "0", start = "0", size = "0"] = words(data);
  const range = { start: Number.parseInt(start, 16), size: Number.parseInt(size, 16) };
  const calling = (calls.get(verb) as Call)(machine, range, Number(node));
  if (!(await waitFor(calling))) return { open_errno: 0, ret: 0, errno: 0, timed_out_signal: true };
  const answer = await calling.catch(neverReturns);
  if (answer === "never") return { open_errno: 0, ret: 0, errno: 0, never_returned: true };
  if (answer.ok) return { open_errno: 0, ret: data.length, errno: 0 };
  machine.tell(answer.refusal);
  return { open_errno: 0, ret: -1, errno: answer.refusal.errno };
}

/** The recording module beyond the in-kernel API: pages that it holds on a node, references to single pages. */
export async function holdPages(machine: Machine, fitting: Fitting | undefined, data: string): Promise<void> {
  const [verb = "", first = "", second = ""] = words(data);
  const { loads } = machine.pages;
  if (verb === "drop") for (const load of loads.list()) if (load.id.startsWith("memlog-")) await loads.end(load.id);
  if (verb === "holdpin") await machine.pages.reference(Number(second), 1);
  if (verb === "unpin") await machine.pages.reference(Number(second), -1);
  if (verb !== "hold") return;
  const node = Number(first);
  if (!machine.map.nodes.has(node))
    throw new StepError(
      `memlog: data: node ${node} does not exist (nodes: ${[...machine.map.nodes.keys()].join(", ")})`,
      "data",
    );
  const id = `memlog-${loads.list().filter((load) => load.id.startsWith("memlog-")).length}`;
  await fitting?.beforeUse(node);
  const policy = { mode: "bind", nodes: [node] } as const;
  await loads.start({ id, kind: "kernel", sizeBytes: Number(second) * machine.pageSize, policy });
}
