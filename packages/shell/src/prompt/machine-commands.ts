import { dimmsOf } from "@memhp/devices";
import { parseSize } from "@memhp/abi";
import { loadKinds } from "@memhp/engine";
import type { Machine } from "@memhp/machine";
import type { ControlCommand } from "@memhp/mount";
import { StepRunner } from "@memhp/scenario";
import { faultUsage } from "@memhp/sysfs";
import { checked, kindOf, named, nodeOf, secondsOf, stepOf, Wrong } from "./command-words.ts";

/**
 * What is done to the machine from outside of it; the prompt and the control file of a mount share the words.
 * @param say hears what came of a step.
 */
export function machineCommands(
  machine: Machine,
  say: (text: string) => void = () => {},
): Readonly<Record<string, ControlCommand>> {
  let runner: StepRunner | undefined;
  return {
    step: (words) =>
      checked(async () => {
        runner ??= new StepRunner(machine);
        const { result } = await runner.perform(stepOf(words));
        say(`${JSON.stringify(result)}\n`);
      }),
    dimm_add: (words) => checked(() => addDimm(machine, words)),
    dimm_del: (words) => checked(() => deleteDimm(machine, words)),
    load: (words) => checked(() => startLoad(machine, words)),
    unload: (words) => checked(() => endLoad(machine, words)),
    wait: (words) => checked(() => wait(machine, words)),
  };
}

/** How each is called, for `help`. */
export const machineUsage: Readonly<Record<string, string>> = {
  step: "step OP [OPERAND=VALUE…]   (any operation of a scenario)",
  dimm_add: "dimm_add ID SIZE [NODE]",
  dimm_del: "dimm_del ID",
  load: `load ID KIND SIZE [NODE]   (KIND: ${loadKinds.join(", ")})`,
  unload: "unload ID",
  wait: "wait SECONDS",
  modprobe: "modprobe [-r] MODULE [PARAMETER=VALUE…]",
  fault: `fault ${faultUsage}; fault clear [ID]`,
  uevent_fault: "uevent_fault ACTION DEVPATH lost|doubled [every=N] [times=N]; uevent_fault clear",
};

async function addDimm(machine: Machine, words: readonly string[]): Promise<void> {
  const id = named(words, 0, "ID");
  const sizeBytes = parseSize(named(words, 1, "SIZE"));
  const node = nodeOf(machine, words[2]) ?? 0;
  const memdev = `mem-${id}`;
  const offered = dimmsOf(machine).offerBackend(memdev);
  if (!offered.ok) throw new Wrong(offered.refusal.desc);
  const added = await dimmsOf(machine).insert({ id, memdev, sizeBytes, node });
  if (!added.ok) throw new Wrong(added.refusal.desc);
}

async function deleteDimm(machine: Machine, words: readonly string[]): Promise<void> {
  const deleted = await dimmsOf(machine).eject(named(words, 0, "ID"));
  if (!deleted.ok) throw new Wrong(deleted.refusal.desc);
  const { ok, refusal } = deleted.value;
  if (!ok) throw new Wrong(`the kernel keeps it${refusal === undefined ? "" : `: ${refusal.errno}`}`);
}

async function startLoad(machine: Machine, words: readonly string[]): Promise<void> {
  const id = named(words, 0, "ID");
  const kind = kindOf(words);
  const sizeBytes = parseSize(named(words, 2, "SIZE"));
  const node = nodeOf(machine, words[3]);
  const { loads } = machine.pages;
  if (loads.get(id) !== undefined) throw new Wrong(`load ${JSON.stringify(id)} is running`);
  const policy = node === undefined ? {} : ({ policy: { mode: "bind", nodes: [node] } } as const);
  await loads.start({ id, kind, sizeBytes, ...policy });
}

async function endLoad(machine: Machine, words: readonly string[]): Promise<void> {
  const id = named(words, 0, "ID");
  const { loads } = machine.pages;
  if (loads.get(id) === undefined) {
    const running = loads.list().map((load) => load.id);
    throw new Wrong(`no load ${JSON.stringify(id)} (running: ${running.join(", ") || "none"})`);
  }
  await loads.end(id);
}

async function wait(machine: Machine, words: readonly string[]): Promise<void> {
  const seconds = secondsOf(words);
  await machine.wait(Math.round(seconds * 1e9));
}
