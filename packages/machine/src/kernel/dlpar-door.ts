import type { Result } from "@memhp/abi";
import type { DeviceMemory, DlparPort } from "@memhp/devices";
import type { Board } from "../board/board.ts";
import type { HotplugLock } from "../time/hotplug-lock.ts";
import { dlparOf } from "./dlpar.ts";
import { dlparRequest } from "./dlpar-request.ts";
import type { MemoryHotplug } from "./memory-hotplug.ts";

export interface DlparHost {
  readonly board: Pick<Board, "kernel" | "platform" | "blockSizeBytes">;
  memory(): MemoryHotplug;
  readonly lock: HotplugLock;
  log(text: string): void;
  pluggedMemory(): readonly DeviceMemory[];
}

/** The kernel's DLPAR code. */
export function dlparPort(host: Pick<DlparHost, "board" | "memory" | "log">): DlparPort {
  return dlparOf(
    () => host.memory(),
    host.board.blockSizeBytes,
    (text) => host.log(text),
  );
}

/** A write to /sys/kernel/dlpar. */
export function dlparDoor(host: DlparHost): (text: string) => Promise<Result<void>> {
  const dlpar = dlparPort(host);
  const log = (text: string): void => host.log(text);
  const lmbBytes = host.board.blockSizeBytes;
  const lmbs = () => lmbsOf(host, lmbBytes);
  const { config } = host.board.kernel;
  return (text) => host.lock.run(() => dlparRequest({ dlpar, lmbBytes, config, lmbs, log }, text));
}

/** The logical memory blocks of all devices. */
function lmbsOf(
  host: Pick<DlparHost, "memory" | "pluggedMemory">,
  size: number,
): { readonly start: number; readonly node: number; readonly isAssigned: boolean }[] {
  return host.pluggedMemory().flatMap(({ addr, sizeBytes, node = 0 }) =>
    Array.from({ length: sizeBytes / size }, (_, i) => {
      const start = addr + i * size;
      return { start, node, isAssigned: host.memory().blocksOf({ start, size }).length > 0 };
    }),
  );
}
