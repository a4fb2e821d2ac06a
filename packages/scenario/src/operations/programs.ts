import { name, seconds, text, timeoutMs } from "./operands.ts";
import { operation, type Operation, type StepOutcome } from "./operation.ts";
import type { ProgramOrder, Target } from "./target.ts";
import { oneLine } from "./words.ts";
import { Type } from "../schema/type.ts";

const NS_PER_S = 1e9;

/** What comes of it may take a moment: `kill` of a writer in x_going_offline. */
async function perform(
  { guest, clock }: Target,
  order: ProgramOrder,
  sleep = 0,
): Promise<{ readonly result: unknown }> {
  const result = await guest.program(order);
  if (sleep > 0) await clock.wait(Math.round(sleep * NS_PER_S));
  return { result };
}

/** A shell's exit code, where there was a shell. */
function ended({ result }: { readonly result: Readonly<Record<string, unknown>> }): StepOutcome {
  if (result["timed_out"] === true) return { outcome: "no answer in this time", good: false };
  const { rc = 0 } = result;
  return rc === 0 ? { outcome: "done", good: true } : { outcome: `ends with ${String(rc)}`, good: false };
}

const command = text({ description: "A command of the guest's shell" });
const after = seconds({ description: "Seconds that the recorder waits afterwards" });

export const sh: Operation = operation({
  op: "sh",
  about: "A command in the guest's shell. A simulated machine has no shell: writes of files in it are carried out",
  operands: Type.Object({
    cmd: command,
    timeout_ms: Type.Optional(timeoutMs()),
    sleep: Type.Optional(after),
  }),
  acts: {
    on: "target",
    perform: (target, { cmd, timeout_ms, sleep }) =>
      perform(target, { do: "run", command: cmd, ...(timeout_ms !== undefined && { timeoutMs: timeout_ms }) }, sleep),
  },
  settles: true,
  asked: ({ cmd }, { resolve }) => `sh cmd ${oneLine(resolve(cmd))}`,
  outcome: ended,
  runsProgram: true,
  unsaid: "only its writes of files are simulated",
  example: { op: "sh", cmd: "echo 3 > /proc/sys/vm/drop_caches" },
});

export const bg: Operation = operation({
  op: "bg",
  about: "A program of the guest that goes on beside the steps: loads, and writes of files, are simulated",
  operands: Type.Object({
    cmd: command,
    name: Type.Optional(name({ description: "For the op kill" })),
    wait: Type.Optional(seconds({ description: "Seconds until it must have said something" })),
    sleep: Type.Optional(after),
  }),
  acts: {
    on: "target",
    perform: (target, { cmd, name = "", wait, sleep }) =>
      perform(target, { do: "start", name, command: cmd, ...(wait !== undefined && { waitS: wait }) }, sleep),
  },
  settles: true,
  asked: ({ cmd, name = "" }, { resolve }) => `bg cmd ${oneLine(resolve(cmd))}, name ${oneLine(name)}`,
  runsProgram: true,
  unsaid: "only loads and writes of files are simulated",
  example: { op: "bg", name: "a", cmd: "load anon 64 0" },
});

export const kill: Operation = operation({
  op: "kill",
  about: "Ends a program that `bg` started",
  operands: Type.Object({ name: name({ description: "What `bg` was given" }), sleep: Type.Optional(after) }),
  acts: { on: "target", perform: (target, { name, sleep }) => perform(target, { do: "kill", name }, sleep) },
  settles: true,
  asked: ({ name, sleep }, { resolve }) =>
    `kill name ${oneLine(resolve(name))}${sleep === undefined ? "" : `, sleep ${sleep}`}`,
  outcome: ended,
  unsaid: "done",
  example: { op: "kill", name: "a" },
});
