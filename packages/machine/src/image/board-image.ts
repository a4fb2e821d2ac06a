import type { Board } from "../board/board.ts";
import type { BoardImage } from "./machine-image.ts";
import type { DeviceType } from "@memhp/devices";
import type { Kernel } from "@memhp/kernels";
import type { Platform } from "@memhp/platforms";

export function boardImage(board: Board): BoardImage {
  const { blockSizeBytes, ram, firmware, proximity, possibleNodes, physicalNodes, layout } = board;
  const { nodes, options } = layout;
  return {
    blockSizeBytes,
    ram,
    firmware,
    proximity: [...proximity],
    possibleNodes,
    ...(physicalNodes === undefined ? {} : { physicalNodes }),
    nodes,
    options,
  };
}

export function boardOf(image: BoardImage, kernel: Kernel, platform: Platform, devices: readonly DeviceType[]): Board {
  const { blockSizeBytes, ram, firmware, proximity, possibleNodes, physicalNodes, nodes, options } = image;
  const { arch } = platform;
  return {
    kernel,
    platform,
    devices,
    arch,
    blockSizeBytes,
    ram,
    firmware,
    proximity: new Map(proximity),
    possibleNodes,
    ...(physicalNodes === undefined ? {} : { physicalNodes }),
    layout: { kernel, arch, blockPages: blockSizeBytes / 2 ** arch.pageShift, nodes, options },
  };
}
