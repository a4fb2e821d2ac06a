import type { StepOutcome } from "./operation.ts";

type Json = Readonly<Record<string, unknown>>;

/** What QEMU, or the board in its place, said no to before the kernel heard of anything. */
export function boardError(result: Json, command: string): StepOutcome | undefined {
  const { error } = (result[command] ?? {}) as { readonly error?: { readonly desc: string } };
  return error === undefined ? undefined : { outcome: `refused by the machine: ${error.desc}`, good: false };
}
