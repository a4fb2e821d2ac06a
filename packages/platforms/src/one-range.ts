import type { BoardMemory, ByteRange, Platform } from "./platform.ts";

/** The memory of a board that has all of it in one range, tells of nothing else, and leaves no hole in it. */
export function oneRange(
  start = 0,
): Pick<Platform, "unmapped" | "hasHomelessMemory" | "bootMemory" | "firmwareRam" | "firmwareReserved" | "pciWindow"> {
  const bootMemory = ({ memoryBytes }: BoardMemory): ByteRange[] => [{ start, end: start + memoryBytes }];
  return {
    unmapped: () => [],
    hasHomelessMemory: () => false,
    bootMemory,
    firmwareRam: (memory) => bootMemory(memory).map((range) => ({ ...range, type: "System RAM" })),
    firmwareReserved: () => [],
    pciWindow: () => undefined,
  };
}
