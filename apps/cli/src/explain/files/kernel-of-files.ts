import { type KernelId, kernelIds, kernelProfile } from "@memhp/abi";
import type { ReadTree } from "@memhp/sysfs";
import { blocksOf, fileText, MEMORY } from "./file-text.ts";

/** Whose rules count for the files of a host, and what speaks against them. */
export interface KernelOfFiles {
  readonly kernel: KernelId;
  readonly warnings: readonly string[];
}

const DEFAULT: KernelId = "6.12";

/** Chooses the kernel of a tree: the one that somebody named, else what the files tell. */
export function kernelOfFiles(tree: ReadTree, named: KernelId | undefined): KernelOfFiles {
  const version = versionOf(tree);
  const marks = marksOf(tree);
  const kernel = named ?? (version === undefined ? kernelOfMarks(marks) : nearestKernel(version)) ?? DEFAULT;
  return {
    kernel,
    warnings: [
      ...versionWarnings(version, kernel),
      ...markWarnings(marks, kernel),
      ...(named === undefined && version === undefined && kernelOfMarks(marks) === undefined
        ? [`The files do not tell the kernel; the rules of ${kernel} are used (--kernel names another).`]
        : []),
    ],
  };
}

interface Version {
  readonly major: number;
  readonly minor: number;
}

function versionOf(tree: ReadTree): Version | undefined {
  const [, major, minor] = /^Linux version (\d+)\.(\d+)/.exec(fileText(tree, "/proc/version") ?? "") ?? [];
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

const isOlder = (a: Version, b: Version): boolean => a.major < b.major || (a.major === b.major && a.minor < b.minor);

/** Since when `removable` is a constant: what is older is judged as 4.1 (facts §10: 5.8). */
const CONSTANT_REMOVABLE: Version = { major: 5, minor: 8 };

/** The newest known kernel that is not newer, of its own kind. */
function nearestKernel(version: Version): KernelId {
  const known = kernelIds
    .flatMap((id) => {
      const [, major, minor] = /^(\d+)\.(\d+)$/.exec(id) ?? [];
      return major === undefined ? [] : [{ id, major: Number(major), minor: Number(minor) }];
    })
    .sort((a, b) => (isOlder(a, b) ? -1 : 1));
  const ofItsKind = known.filter((each) => isOlder(each, CONSTANT_REMOVABLE) === isOlder(version, CONSTANT_REMOVABLE));
  return (ofItsKind.findLast((each) => !isOlder(version, each)) ?? ofItsKind[0])?.id ?? DEFAULT;
}

/** What of a kernel shows in the files of its blocks. */
interface Marks {
  /** 0 stands in some `removable`. */
  readonly saysNo: boolean;
  /** 1 stands in some `removable`. */
  readonly saysYes: boolean;
  /** `auto_online_blocks` is there (since 4.8; facts §2.6). */
  readonly autoOnline: boolean;
  /** `crash_hotplug` is there (since 6.6; facts §2.2). */
  readonly crashHotplug: boolean;
}

function marksOf(tree: ReadTree): Marks {
  const removable = new Set(blocksOf(tree).map((block) => fileText(tree, `${MEMORY}/memory${block}/removable`)));
  return {
    saysNo: removable.has("0"),
    saysYes: removable.has("1"),
    autoOnline: fileText(tree, `${MEMORY}/auto_online_blocks`) !== undefined,
    crashHotplug: fileText(tree, `${MEMORY}/crash_hotplug`) !== undefined,
  };
}

function kernelOfMarks({ saysNo, saysYes, autoOnline, crashHotplug }: Marks): KernelId | undefined {
  if (crashHotplug) return "6.12";
  // Where both stand side by side, pages were looked at.
  if (saysNo && (saysYes || !autoOnline)) return "4.1";
  return undefined;
}

function versionWarnings(version: Version | undefined, kernel: KernelId): string[] {
  if (version === undefined) return [];
  const told = `${version.major}.${version.minor}`;
  return told === kernel ? [] : [`The files are of Linux ${told}; the rules of ${kernel} are used.`];
}

function markWarnings({ saysNo, saysYes }: Marks, kernel: KernelId): string[] {
  const { removableFile } = kernelProfile(kernel);
  if (removableFile === "page-scan" || !saysNo) return [];
  return [
    saysYes
      ? `removable reads 0 and 1: no ${kernel} writes these files, whose removable is the same for all blocks. They are of a kernel before 5.8 (--kernel 4.1).`
      : `removable reads 0 everywhere: these files are of a kernel before 5.8 (--kernel 4.1), or of one without CONFIG_MEMORY_HOTREMOVE, where no block goes offline.`,
  ];
}
