import type { Errno } from "./errno.ts";
import type { ZoneName } from "./zone.ts";

/** Why the kernel refused: the closed list of causes. */
export const refusalCodes = [
  "bad_word",
  "already_in_state",
  "not_adjacent",
  "mixed_zones",
  "memory_hole",
  "unmovable_page",
  "pinned_page",
  "no_target_memory",
  "notifier_veto",
  "timeout",
  "signal",
  "poisoned",
  "last_normal_memory",
  "no_ram_resource",
  "unaligned",
  "overlap",
  "no_such_node",
  "out_of_range",
  "eject_disabled",
  "container_busy",
  "no_slot",
  "read_only",
  "write_only",
  "no_entry",
  "on_purpose",
  "not_built",
] as const;
/** A name of `refusalCodes`: why something was refused. */
export type RefusalCode = (typeof refusalCodes)[number];

/** Whose something may be, where nobody can tell; `share` from 0 to 1 is how likely by numbers alone. */
export interface PossibleOwner {
  readonly owner: string;
  readonly share: number;
}

/** One offending page. `kind` is the page's kind, `owner` who holds it where that is known. */
export interface RefusedPage {
  readonly pfn: number;
  readonly kind: string;
  readonly pageblock: number;
  readonly owner?: string;
  /** Of a captured host: the likeliest few to whom it may belong, as far as its files tell; shares below 1 together leave others. */
  readonly candidates?: readonly PossibleOwner[];
}

/**
 * An expected kernel error with its cause as data. It is an answer, never thrown.
 * `rule` names the fact or trace that the rule comes from; `pages` are the first
 * offenders and `total` counts all of them; `retry` says whether trying again can help.
 */
export interface Refusal {
  readonly errno: Errno;
  readonly code: RefusalCode;
  readonly rule: string;
  readonly block?: number;
  readonly node?: number;
  readonly zone?: ZoneName;
  readonly pages?: readonly RefusedPage[];
  readonly total?: number;
  readonly retry: "no" | "maybe" | "yes";
  readonly remedy: readonly string[];
  /** What else a reader needs to follow the rule, in words: the name of a notifier, the zone's end. */
  readonly detail?: string;
}

/** The answer to who was refused. */
export interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
  /** The event stream has this very refusal already; nobody else must tell it. */
  readonly told?: true;
}

/** An answer that is either a value or a refusal. */
export type Result<T> = { readonly ok: true; readonly value: T } | Refused;

/** The answer of what has been done, with its value. */
export function done<T>(value: T): Result<T> {
  return { ok: true, value };
}
/** The answer of what the kernel refused, with its cause. */
export function refused(refusal: Refusal): Refused {
  return { ok: false, refusal };
}
/** A refusal that the event stream has told. */
export function refusedAndTold(refusal: Refusal): Refused {
  return { ok: false, refusal, told: true };
}
