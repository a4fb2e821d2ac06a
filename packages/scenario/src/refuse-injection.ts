import { builtWithout, type Refusal } from "@memhp/abi";
import type { Machine } from "@memhp/machine";

/** The module that makes the memory notifier chain fail. */
export const INJECTION = "memory-notifier-error-inject";

/** Why a kernel cannot load it; undefined where it can. */
export function refuseInjection({ kernel }: Machine): Refusal | undefined {
  if (kernel.config.MEMORY_NOTIFIER_ERROR_INJECT) return undefined;
  return {
    errno: "ENOENT",
    code: "not_built",
    rule: "modprobe: no such module",
    retry: "no",
    ...builtWithout("MEMORY_NOTIFIER_ERROR_INJECT"),
  };
}
