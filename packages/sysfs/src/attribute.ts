import { type Caller, done, type Result } from "@memhp/abi";
import type { SysfsKernel, SysfsRules } from "./sysfs-rules.ts";
import type { FileNode } from "./tree-node.ts";

/** st_size of every attribute file (facts/kernel.md §0.1). */
export const ATTRIBUTE_SIZE = 4096;

/** What a store function makes of the bytes: undefined means that it took them all. */
export type StoreAnswer = Result<void> | { readonly ok: true; readonly value: number };

/**
 * The bytes of one write(2) as a sysfs store function meets them: at most `count` of them are taken, and
 * the text is NUL-terminated, so what follows a NUL is never seen (facts/kernel.md §2, observed-6 §2).
 */
export interface Written {
  /** As C sees it. */
  readonly text: string;
  /** All bytes taken, NULs included. */
  readonly bytes: string;
}

/** A file that is read; its text is made when somebody looks. `mode` are its permission bits. */
export function readOnly(read: () => string, mode = 0o444): FileNode {
  return { kind: "file", mode, size: ATTRIBUTE_SIZE, read: () => done(read()) };
}

type Store = (written: Written, caller: Caller) => StoreAnswer | Promise<StoreAnswer>;

/** A file that is read and written as a sysfs attribute: a write is cut at the kernel's limit, and its newline does not count. */
export function readWrite({ sysfs }: Pick<SysfsKernel, "sysfs">, read: () => string, store: Store): FileNode {
  return { ...readOnly(read, 0o644), write: storing(sysfs, store) };
}

/** A file that is only written: not even root reads it. */
export function writeOnly({ sysfs }: Pick<SysfsKernel, "sysfs">, store: Store): FileNode {
  return { kind: "file", mode: 0o200, size: ATTRIBUTE_SIZE, write: storing(sysfs, store) };
}

function storing({ writeLimitBytes }: SysfsRules, store: Store): FileNode["write"] & {} {
  return async (data, caller) => {
    // A write of nothing never reaches the store function (observed-4.1 §5, observed-6 §2).
    if (data.length === 0) return done(0);
    // kernfs takes one page of a write and says so in the count (6.1: g_strings3, 5006 bytes return 4096).
    // 4.1 does the same; its recorded 5000 bytes are refused because the cut word is wrong too.
    const bytes = data.slice(0, writeLimitBytes);
    const nul = bytes.indexOf("\0");
    const answer = await store({ bytes, text: nul === -1 ? bytes : bytes.slice(0, nul) }, caller);
    if (!answer.ok) return answer;
    return done(answer.value ?? bytes.length);
  };
}
