import type { Host } from "../host/host.ts";
import { type HostRules, hostRules, rules41, rules612 } from "./host-rules.ts";

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
    const rules = hostRules.find(({ id }) => id === wanted) ?? nearest(versionOf(wanted) ?? rules612.version);
    return { rules, why: `--kernel ${wanted}`, isNearest: rules.id !== wanted };
  }
  const version = host.release === undefined ? undefined : versionOf(host.release);
  if (version !== undefined) {
    const rules = nearest(version);
    const isNearest = rules.version[0] !== version[0] || rules.version[1] !== version[1];
    const told = `the host runs Linux ${host.release}`;
    return {
      rules,
      isNearest,
      why: isNearest ? `${told}, and ${rules.id} is the nearest whose rules are known` : told,
    };
  }
  return {
    rules: fromFiles(host),
    isNearest: true,
    why: "its version is not told; these rules fit the files that are there",
  };
}

function versionOf(release: string): readonly [number, number] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})/.exec(release);
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

/** Releases of Linux before 1 of this major number: 3.0 followed 2.6, 4.0 followed 3.19, and so on. */
const releasesBefore: Readonly<Record<number, number>> = { 3: 0, 4: 20, 5: 41, 6: 61, 7: 81 };

/** Number of a release since 3.0. */
function ordinal([major, minor]: readonly [number, number]): number {
  return (releasesBefore[major] ?? (major < 3 ? -1 : 81 + 20 * (major - 7))) + minor;
}

/** The last rules that are not newer; the oldest where all are. What changed since, nobody has written down. */
function nearest(version: readonly [number, number]): HostRules {
  return hostRules.findLast((rules) => ordinal(rules.version) <= ordinal(version)) ?? rules41;
}

/** `removable` reads 1 everywhere since 5.8, and auto_online_blocks is there since 4.6 (facts §10). */
function fromFiles({ blocks }: Host): HostRules {
  return blocks.some(({ removable }) => removable === "0") ? rules41 : rules612;
}
