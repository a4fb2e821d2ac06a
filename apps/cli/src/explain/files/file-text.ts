import type { ReadTree } from "@memhp/sysfs";

export const MEMORY = "/sys/devices/system/memory";

/** What a file says, without white space around it; undefined where it cannot be read. */
export function fileText(tree: ReadTree, path: string): string | undefined {
  const read = tree.read(path);
  return read.ok ? read.value.trim() : undefined;
}

export function namesIn(tree: ReadTree, path: string): readonly string[] {
  const names = tree.list(path);
  return names.ok ? names.value : [];
}

/** Numbers of the memory devices, ascending. */
export function blocksOf(tree: ReadTree): number[] {
  return namesIn(tree, MEMORY)
    .flatMap((name) => (/^memory\d+$/.test(name) ? [Number(name.slice(6))] : []))
    .sort((a, b) => a - b);
}

/** Nodes that a block's links name. */
export function nodesOf(tree: ReadTree, block: number): number[] {
  return namesIn(tree, `${MEMORY}/memory${block}`).flatMap((name) =>
    /^node\d+$/.test(name) ? [Number(name.slice(4))] : [],
  );
}
