import { builtWithout, kstrtoll, type Refusal } from "@memhp/abi";
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

/** Of a module that is there. */
export const loadedTwice: Refusal = {
  errno: "EEXIST",
  code: "already_in_state",
  rule: "insmod: a module is loaded once",
  retry: "no",
  remedy: ["rmmod it first, or go on: it is there"],
};

const INT = 2n ** 31n;

/** Its one parameter, an int: the last one counts, and others are passed over (kernel/params.c). */
export function injectionPriority(words: string): number | Refusal {
  const values = words.split(/\s+/).flatMap((word) => /^priority(?:=(.*))?$/.exec(word)?.slice(1, 2) ?? []);
  const read = values.map((value: string | undefined) => kstrtoll(value ?? ""));
  const isInt = (value: (typeof read)[number]): value is bigint =>
    typeof value === "bigint" && value >= -INT && value < INT;
  if (read.every(isInt)) return Number(read.at(-1) ?? 0);
  return {
    errno: "EINVAL",
    code: "bad_word",
    rule: "module_param: a module with a parameter whose value it does not take is not loaded",
    retry: "no",
    remedy: ["write priority=N, a whole number"],
    detail: words,
  };
}
