import type { BootRules } from "@memhp/engine";

export const boot: BootRules = {
  x86BlockSize: "2G-from-64G",
  movablecoreOverflow: "wraps",
  kernelcoreOverflow: "distributes",
  movableStartAtNodeEnd: "kept",
  kernelcorePercent: false,
  reserve: { lowPages: 21, kernelPages: 3584 },
  memory: {
    imagePages: 3584,
    runtimePages: 4096,
    listsBegin: "highest",
    swiotlb: "ram-above-4g",
  },
  holeHome: "inside-span",
};
