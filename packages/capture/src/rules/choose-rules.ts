import { defaultKernel } from "@memhp/kernels";
import type { Host } from "../host/host.ts";
import { type HostRules, hostRules, type Release } from "./host-rules.ts";

/** What a host is taken for whose files say nothing else. */
const CURRENT: Release = [defaultKernel.version.major, defaultKernel.version.minor];

/** The rules that a host is judged by, and why these. */
export interface ChosenRules {
  readonly rules: HostRules;
  /** One sentence. */
  readonly why: string;
  /** Whether the kernel is another than the one that the rules were learned from. */
  readonly isNearest: boolean;
}

/** By the version that the host tells, else by what its files show, else `fallback` (the user's word). */
export function chooseRules(host: Host, wanted?: string): ChosenRules {
  if (wanted !== undefined) {
    const rules = hostRules.find(({ id }) => id === wanted) ?? nearest(versionOf(wanted) ?? CURRENT);
    return { rules, why: `--kernel ${wanted}`, isNearest: rules.id !== wanted };
  }
  const version = host.release === undefined ? undefined : versionOf(host.release);
  if (version !== undefined) {
    const rules = nearest(version);
    const isNearest = rules.version[0] !== version[0] || rules.version[1] !== version[1];
    const told = `the host runs Linux ${host.release}`;
    const chosen = isNearest ? `${told}, and ${rules.id} is the nearest whose rules are known` : told;
    return {
      rules,
      isNearest,
      why: rules.source === undefined ? chosen : `${chosen}; they are from source, not recorded`,
    };
  }
  return {
    rules: fromFiles(host),
    isNearest: true,
    why: "its version is not told; these rules fit the files that are there",
  };
}

/** Of a release such as `6.12.107+deb13-amd64`. */
export function versionOf(release: string): Release | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})/.exec(release);
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

export function isBefore([major, minor]: Release, [otherMajor, otherMinor]: Release): boolean {
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

/** The last rules that hold since a release that is not newer. */
function nearest(version: Release): HostRules {
  const holds = ({ since, onlyThis }: HostRules): boolean =>
    onlyThis ? !isBefore(version, since) && !isBefore(since, version) : !isBefore(version, since);
  return hostRules.findLast(holds) ?? (hostRules[0] as HostRules);
}

/** A `removable` of 0 is of a kernel that looks at the pages for it; later ones say 1 of every block (facts §10). */
function fromFiles({ blocks }: Host): HostRules {
  const looks = blocks.some(({ removable }) => removable === "0");
  return (looks ? hostRules.findLast(({ looksForRemovable }) => looksForRemovable) : undefined) ?? nearest(CURRENT);
}
