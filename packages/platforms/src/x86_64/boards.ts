import type { ByteRange } from "../platform.ts";

/** Where a board of QEMU splits its memory around the PCI hole. */
export interface Board {
  /** From so many bytes on, RAM below 4 GiB ends at `lowEnd`; a smaller machine has it all there (boot-*, a_boot_*). */
  readonly splitsFrom: number;
  readonly lowEnd: number;
  /** Start of the PCI hole; where low memory ends, unless the board says otherwise (observed-4.1 §7: 80000000-febfffff on a machine of 2 GiB). */
  readonly pciStart: number | undefined;
  /** What the board keeps besides. */
  readonly reserved: readonly ByteRange[];
}

export type BoardName = "q35" | "pc";

export const boards: Readonly<Record<BoardName, Board>> = {
  q35: {
    splitsFrom: 0xb000_0000,
    lowEnd: 0x8000_0000,
    pciStart: 0xc000_0000,
    reserved: [
      { start: 0xb000_0000, end: 0xc000_0000 },
      { start: 0xfed1_c000, end: 0xfed2_0000 },
    ],
  },
  pc: { splitsFrom: 0xe000_0000, lowEnd: 0xc000_0000, pciStart: undefined, reserved: [] },
};
