import type { BoardMemory, ByteRange } from "../platform.ts";

/** A build of UEFI for QEMU's `virt`, by what it keeps. */
interface Firmware {
  /** The store of variables, told as memory that no node has. */
  readonly variableStore: ByteRange | undefined;
  /** What it keeps below the end of the first node's memory: distances from that end. */
  readonly kept: readonly (readonly [from: number, to: number])[];
}

/** 6.12-arm64: a_boot_1node against n_boot_1node ("Early memory node ranges", /proc/iomem). */
const firmwares: Readonly<Record<string, Firmware>> = {
  "2025.02": {
    variableStore: undefined,
    kept: [
      [0xef_0000, 0xe7_0000],
      [0xe3_0000, 0xc7_0000],
      [0xbd_0000, 0xa4_0000],
      [0x1e_0000, 0x15_0000],
      [0x14_0000, 0x2_0000],
    ],
  },
  "2022.11": {
    variableStore: { start: 0x400_0000, end: 0x800_0000 },
    kept: [
      [0x3bc_0000, 0x38d_0000],
      [0x40_0000, 0x2_0000],
    ],
  },
};

const DEFAULT = "2025.02";

/** The boot log tells what memory there was; the file name alone is that of both builds (7.2-arm64). */
export function firmwareOf(named: string | undefined, bootLog: readonly string[]): string {
  if (bootLog.some((line) => line.startsWith("Early memory node ranges")))
    return bootLog.some((line) => /^\s+node\s+0: \[mem 0x0*4000000-/.test(line)) ? "2022.11" : DEFAULT;
  return named !== undefined && named.includes("2022.11") ? "2022.11" : DEFAULT;
}

export function firmwareIn({ firmware = DEFAULT }: BoardMemory): Firmware {
  const found = Object.hasOwn(firmwares, firmware) ? firmwares[firmware] : undefined;
  if (found === undefined)
    throw new RangeError(`unknown firmware ${JSON.stringify(firmware)} (known: ${Object.keys(firmwares).join(", ")})`);
  return found;
}
