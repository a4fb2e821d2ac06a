/** Since 5.13 (the kernel's memory-hotplug.rst, "Long-term pinning of pages"). */
export const pinsLeaveMovable: readonly [major: number, minor: number] = [5, 13];
