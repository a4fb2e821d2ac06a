import type { ArchProfile } from "@memhp/abi";
import type { Board } from "../board/board.ts";
import type { BoardImage } from "./machine-image.ts";
import type { Kernel } from "@memhp/kernels";

export function boardImage({ blockSizeBytes, ram, firmware, proximity, possibleNodes, layout }: Board): BoardImage {
  const { nodes, options } = layout;
  return { blockSizeBytes, ram, firmware, proximity: [...proximity], possibleNodes, nodes, options };
}

export function boardOf(image: BoardImage, kernel: Kernel, arch: ArchProfile): Board {
  const { blockSizeBytes, ram, firmware, proximity, possibleNodes, nodes, options } = image;
  return {
    kernel,
    arch,
    blockSizeBytes,
    ram,
    firmware,
    proximity: new Map(proximity),
    possibleNodes,
    layout: { kernel, arch, blockPages: blockSizeBytes / 2 ** arch.pageShift, nodes, options },
  };
}
