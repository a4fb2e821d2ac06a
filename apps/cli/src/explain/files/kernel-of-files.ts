import { type Kernel, kernelOf, kernels, defaultKernel, sourceNote } from "@memhp/kernels";
import type { ReadTree } from "@memhp/sysfs";
import { blocksOf, fileText, MEMORY } from "./file-text.ts";

/** Whose rules count for the files of a host, and what speaks against them. */
export interface KernelOfFiles {
  readonly kernel: Kernel;
  readonly warnings: readonly string[];
}

/** Chooses the kernel of a tree: the one that somebody named, else what the files tell. */
export function kernelOfFiles(tree: ReadTree, named: string | undefined): KernelOfFiles {
  const version = versionOf(tree);
  const marks = marksOf(tree);
  const told = version === undefined ? kernelOfMarks(marks) : nearestKernel(version);
  const kernel = named === undefined ? (told ?? defaultKernel) : kernelOf(named);
  const source = sourceNote(kernel);
  return {
    kernel,
    warnings: [
      ...(source === undefined ? [] : [source]),
      ...versionWarnings(version, kernel),
      ...markWarnings(marks, kernel),
      ...(named === undefined && told === undefined
        ? [`The files do not tell the kernel; the rules of ${kernel.id} are used (--kernel names another).`]
        : []),
    ],
  };
}

type Version = Kernel["version"];

function versionOf(tree: ReadTree): Version | undefined {
  const [, major, minor] = /^Linux version (\d+)\.(\d+)/.exec(fileText(tree, "/proc/version") ?? "") ?? [];
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

const isSame = (a: Version, b: Version): boolean => a.major === b.major && a.minor === b.minor;
const isOlder = (a: Version, b: Version): boolean => a.major < b.major || (a.major === b.major && a.minor < b.minor);

/** Since when `removable` is a constant: what is older is judged as 4.1 (facts §10: 5.8). */
const CONSTANT_REMOVABLE: Version = { major: 5, minor: 8 };

/** The newest known kernel that is not newer, of its own kind. */
function nearestKernel(version: Version): Kernel | undefined {
  // The first of a version is the kernel itself; others are builds of it.
  const known = kernels.filter((kernel, i) => kernels.findIndex((each) => isSame(each.version, kernel.version)) === i);
  const itself = known.find((kernel) => isSame(kernel.version, version));
  if (itself !== undefined) return itself;
  const isScan = isOlder(version, CONSTANT_REMOVABLE);
  const ofItsKind = known.filter(
    ({ zones, capture }) => (zones.removableFile === "page-scan") === isScan && capture.onlyThis !== true,
  );
  return ofItsKind.findLast((each) => !isOlder(version, each.version)) ?? ofItsKind[0];
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

function kernelOfMarks({ saysNo, saysYes, autoOnline, crashHotplug }: Marks): Kernel | undefined {
  if (crashHotplug) return kernels.find(({ config, recordedRuns }) => config.CRASH_HOTPLUG && recordedRuns > 0);
  // Where both stand side by side, pages were looked at.
  if (saysNo && (saysYes || !autoOnline)) return kernels.find(({ zones }) => zones.removableFile === "page-scan");
  return undefined;
}

function versionWarnings(version: Version | undefined, kernel: Kernel): string[] {
  if (version === undefined) return [];
  return isSame(version, kernel.version)
    ? []
    : [`The files are of Linux ${version.major}.${version.minor}; the rules of ${kernel.id} are used.`];
}

function markWarnings({ saysNo, saysYes }: Marks, kernel: Kernel): string[] {
  if (kernel.zones.removableFile === "page-scan" || !saysNo) return [];
  return [
    saysYes
      ? `removable reads 0 and 1: no ${kernel.id} writes these files, whose removable is the same for all blocks. They are of a kernel before 5.8 (--kernel 4.1).`
      : `removable reads 0 everywhere: these files are of a kernel before 5.8 (--kernel 4.1), or of one without CONFIG_MEMORY_HOTREMOVE, where no block goes offline.`,
  ];
}
