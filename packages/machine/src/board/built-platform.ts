import type { Kernel } from "@memhp/kernels";
import type { Platform } from "@memhp/platforms";

/** A platform as a kernel was built for it: page size, sections and zones are the build's to choose. */
export function builtPlatform(platform: Platform, { build }: Pick<Kernel, "build">): Platform {
  if (build?.arch === undefined) return platform;
  const arch = { ...platform.arch, ...build.arch };
  const section = 2 ** platform.arch.sectionSizeBits;
  const followsSections = platform.blockSizeBytes === section;
  return { ...platform, arch, ...(followsSections ? { blockSizeBytes: 2 ** arch.sectionSizeBits } : {}) };
}
