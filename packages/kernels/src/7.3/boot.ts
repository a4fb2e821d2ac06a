import type { BootRules } from "@memhp/engine";

export const boot: BootRules = {
  x86BlockSize: "2G-on-bare-metal",
  movablecoreOverflow: "clamps",
  kernelcoreOverflow: "ignored",
  movableStartAtNodeEnd: "dropped",
  kernelcorePercent: true,
  reserve: { lowPages: 158, kernelPages: 19_456 },
  memory: {
    // Code, data and bss as the boot log counts them (a_boot_2node: 18255K, 3426K, 14708K, 4664K and 4684K).
    imagePages: 11_434,
    // Not measured: of 6.12.
    runtimePages: 6144,
    listsBegin: "lowest",
    swiotlb: "possible-above-4g",
  },
  holeHome: "neighbour",
};
