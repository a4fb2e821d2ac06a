import { createMemoryBackends, type MemoryBackends } from "@memhp/qmp";
import type { MonitorImage } from "./machine-image.ts";

/** Memory backends, with or without a DIMM, and how many devices came without an id. */
export interface MonitorState {
  backends: MemoryBackends;
  anonymousDevices: number;
}

export function snapshotMonitor({ backends, anonymousDevices }: MonitorState): MonitorImage {
  return {
    backends: backends.list().map(({ id, sizeBytes }) => ({ id, sizeBytes: String(sizeBytes) })),
    anonymousDevices,
  };
}

export function restoreMonitor(image: MonitorImage): MonitorState {
  const backends = createMemoryBackends();
  for (const { id, sizeBytes } of image.backends) backends.add({ id, sizeBytes: BigInt(sizeBytes) });
  return { backends, anonymousDevices: image.anonymousDevices };
}
