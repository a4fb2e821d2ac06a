import { parseSize } from "@memhp/abi";
import type { LoadSpec, Machine } from "@memhp/machine";
import { countWords, sizeWords } from "../words/size-words.ts";
import { type Answer, answer } from "./answer.ts";
import type { LoadForm } from "./load-form.ts";
import { placementWords } from "./placement-words.ts";
import type { Session } from "./session.ts";
import type { StepLog } from "./step-log.ts";
import { loadStep } from "./steps.ts";

export type LoadCommand =
  | { readonly do: "load"; readonly form: LoadForm }
  | { readonly do: "unload" | "unpin"; readonly id: string }
  | { readonly do: "drop_caches"; readonly what: 1 | 2 | 3 };

/** What is done, in the words of a scenario's step. */
export function loadText(command: LoadCommand): string {
  if (command.do === "drop_caches") return `echo ${command.what} > /proc/sys/vm/drop_caches`;
  if (command.do !== "load") return `${command.do} ${command.id}`;
  const { id, kind, size, where } = command.form;
  const place = { any: "on any node", all: "on all nodes by turns" }[where] ?? `on node ${where}`;
  return `load ${id}: ${size} of ${kind} ${place}`;
}

/** @throws ParseError for a size that is none. */
export async function carryOutLoad({ machine, did }: Session, command: LoadCommand): Promise<Answer> {
  const text = loadText(command);
  const { loads } = machine.pages;
  if (command.do === "drop_caches") {
    did.did({ op: "write", path: "/proc/sys/vm/drop_caches", data: `${command.what}\n` });
    return dropCaches(machine, command.what, text);
  }
  if (command.do === "load") return start(machine, did, command.form, text);
  if (loads.get(command.id) === undefined) return answer("error", text, `No load ${command.id} runs.`);
  did.did({ op: command.do, id: command.id });
  if (command.do === "unload") {
    const pages = (await loads.end(command.id)) ?? 0;
    return answer("done", text, `${command.id} has ended: ${pagesWords(machine, pages)} are free.`);
  }
  await loads.unpin(command.id);
  return answer("done", text, `The pages of ${command.id} are not pinned any more, and can move.`);
}

async function start(machine: Machine, did: StepLog, form: LoadForm, text: string): Promise<Answer> {
  const spec = specOf(machine, form);
  if (spec.id === "") return answer("error", text, "A load needs a name.");
  if (machine.pages.loads.get(spec.id) !== undefined)
    return answer("error", text, `A load named ${spec.id} runs already.`);
  if (spec.sizeBytes === 0) return answer("error", text, "A load of no size is no load.");
  did.did(loadStep(form, nodesWithMemory(machine)));
  const started = await machine.pages.loads.start(spec);
  if (!started.ok) {
    machine.tell(started.refusal);
    return answer("refused", text, "There is no room for it, so it has nothing.", [started.refusal]);
  }
  return answer("done", text, `${spec.id} has ${placementWords(machine, spec.id)}.`);
}

function nodesWithMemory(machine: Machine): number[] {
  return [...machine.map.nodes.values()].filter((node) => node.hasMemory).map((node) => node.id);
}

function specOf(machine: Machine, { id, kind, size, where, policy, pin, churn }: LoadForm): LoadSpec {
  const all = nodesWithMemory(machine);
  return {
    id: id.trim(),
    kind,
    sizeBytes: parseSize(size.trim()),
    ...(where === "any" ? {} : where === "all" ? { policy: { mode: "interleave", nodes: all } } : {}),
    ...(where === "any" || where === "all" ? {} : { policy: { mode: policy, nodes: [Number(where)] } }),
    ...(kind === "pinned" ? { pin } : {}),
    ...(churn > 0 ? { churn: { fraction: Math.min(1, churn / 100), everyNs: 1e9 } } : {}),
  };
}

async function dropCaches(machine: Machine, what: 1 | 2 | 3, text: string): Promise<Answer> {
  const free = (): number =>
    machine.pages.counters().reduce((sum, { zones }) => sum + zones.reduce((all, zone) => all + zone.freePages, 0), 0);
  const before = free();
  await machine.write("/proc/sys/vm/drop_caches", `${what}\n`);
  const freed = free() - before;
  return answer(
    "done",
    text,
    freed === 0 ? "There was nothing to drop." : `${pagesWords(machine, freed)} are free now.`,
  );
}

function pagesWords(machine: Machine, pages: number): string {
  return `${countWords(pages)} pages (${sizeWords(pages * machine.pageSize)})`;
}
