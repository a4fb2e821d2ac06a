import type { BootRules } from "@memhp/engine";

export const boot: BootRules = {
  x86BlockSize: "2G-on-bare-metal",
  movablecoreOverflow: "clamps",
  kernelcoreOverflow: "ignored",
  movableStartAtNodeEnd: "dropped",
  kernelcorePercent: true,
  reserve: { lowPages: 158, kernelPages: 19_456 },
  memory: {
    imagePages: 9606,
    runtimePages: 6144,
    listsBegin: "lowest",
    swiotlb: "possible-above-4g",
  },
  holeHome: "neighbour",
};
