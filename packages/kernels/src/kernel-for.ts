import { builds } from "./builds.ts";
import type { Kernel } from "./kernel.ts";
import { kernels } from "./kernels.ts";

const DEFAULT_PLATFORM = "x86_64";

/** Names that a document may give a kernel: those of the list, and of memhp's builds where the list is memhp's. */
export function kernelNames(among: readonly Kernel[] = kernels): string[] {
  const own = among.map(({ id }) => id);
  return among === kernels ? [...new Set([...own, ...builds.map(({ build }) => build?.of ?? "")])] : own;
}

/**
 * The build of a kernel for a platform: `("6.12", "arm64")`. A kernel of the caller's own list runs wherever the caller says.
 * @throws RangeError where there is none, which names those that there are.
 */
export function kernelFor(
  name: string,
  platform: string,
  flavour?: string,
  among: readonly Kernel[] = kernels,
): Kernel {
  const all = among === kernels ? [...kernels, ...builds] : among;
  const runsThere = ({ build }: Kernel): boolean =>
    among !== kernels || (build?.platform ?? DEFAULT_PLATFORM) === platform;
  const candidates = all.filter(runsThere);
  const exact = candidates.find(({ id }) => id === name);
  if (exact !== undefined) return exact;
  const ofName = candidates.filter(({ build }) => build?.of === name);
  const found = flavour === undefined ? ofName[0] : ofName.find(({ build }) => build?.flavour === flavour);
  if (found !== undefined) return found;
  const known = candidates.map(({ id, build }) => (build === undefined ? id : `${build.of} (${build.flavour})`));
  const wanted = flavour === undefined ? JSON.stringify(name) : `${JSON.stringify(name)} (${JSON.stringify(flavour)})`;
  const where = platform === DEFAULT_PLATFORM ? "" : ` for ${platform}`;
  throw new RangeError(`unknown kernel ${wanted}${where} (known: ${known.join(", ")})`);
}
