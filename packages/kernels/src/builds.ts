import { linux41ia64, linux41ppc64, linux41sh } from "./4.1-other/index.ts";
import { linux612arm64k16, linux612arm64k64 } from "./6.12-arm64-pages/index.ts";
import { linux612arm64acpimem } from "./6.12-arm64-acpimem/index.ts";
import { linux612arm64 } from "./6.12-arm64/index.ts";
import { linux612ppc64el } from "./6.12-ppc64el/index.ts";
import { linux72arm64 } from "./7.2-arm64/index.ts";
import { linux72ppc64el } from "./7.2-ppc64el/index.ts";
import { linux72s390x } from "./7.2-s390x/index.ts";
import type { Kernel } from "./kernel.ts";

/** Builds for other platforms than x86_64; of one kernel and platform, the first is that of people who name no flavour. */
export const builds: readonly Kernel[] = [
  linux612arm64,
  linux612arm64acpimem,
  linux612arm64k16,
  linux612arm64k64,
  linux72arm64,
  linux612ppc64el,
  linux72ppc64el,
  linux72s390x,
  linux41ppc64,
  linux41ia64,
  linux41sh,
];
