import type { Caller, Result } from "@memhp/abi";

/** What a directory entry is. */
export type EntryKind = "dir" | "file" | "link";

/** A directory whose entries exist only while somebody looks: nothing is kept of a million blocks. */
export interface Directory {
  readonly kind: "dir";
  readonly mode: number;
  /** In natural order: `memory2` before `memory10`. */
  names(): Iterable<string>;
  child(name: string): TreeNode | undefined;
}

/** A file. Without `read` (or `write`) it cannot be opened for that, not even by root (observed-4.1 §1, observed-6 §2). */
export interface FileNode {
  readonly kind: "file";
  /** Permission bits: 0o644. */
  readonly mode: number;
  /** Bytes, as stat(2) tells them. */
  readonly size: number;
  readonly read?: () => Result<string>;
  /** pread(2), where the file is too large to be read in one piece, or what it shows is in another thread. */
  readonly readRange?: (offset: number, length: number) => Promise<Result<string>>;
  /** Takes the bytes of one write(2) and answers what write(2) returns. */
  readonly write?: (data: string, caller: Caller) => Result<number> | Promise<Result<number>>;
}

/** A symbolic link. */
export interface LinkNode {
  readonly kind: "link";
  /** Relative to the directory that the link is in. */
  readonly target: string;
}

export type TreeNode = Directory | FileNode | LinkNode;

/** Mode of every symbolic link (observed-6: g_readonly, `stat -c %a`). */
export const LINK_MODE = 0o777;

/** A symbolic link to a target relative to its directory. */
export function link(target: string): LinkNode {
  return { kind: "link", target };
}
