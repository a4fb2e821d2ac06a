import { DIMM_ERRORS } from "./dimm-errors.ts";
import type { MemoryBackendRam } from "./port.ts";
import { genericError, OK, type QmpResult } from "./result.ts";

/** The memory-backend-ram objects of a machine with QEMU's rules, for whoever fulfils a `QmpPort`. */
export interface MemoryBackends {
  add(backend: MemoryBackendRam): QmpResult;
  /** Fails while a DIMM uses it. */
  remove(id: string): QmpResult;
  get(id: string): MemoryBackendRam | undefined;
  ids(): readonly string[];
  /** All of them, in the order in which they came. */
  list(): readonly MemoryBackendRam[];
  /** A DIMM takes it; fails if another has it. */
  claim(id: string): QmpResult;
  /** Its DIMM is gone. */
  release(id: string): void;
}

/** The memory backends of a board, `object-add` of memory-backend-ram: which there are, and which are in use. */
export function createMemoryBackends(): MemoryBackends {
  const backends = new Map<string, MemoryBackendRam>();
  const claimed = new Set<string>();
  return {
    add(backend) {
      if (backends.has(backend.id)) return DIMM_ERRORS.duplicateBackend(backend.id);
      backends.set(backend.id, backend);
      return OK;
    },
    remove(id) {
      if (!backends.has(id)) return genericError(`object '${id}' not found`);
      if (claimed.has(id)) return genericError(`object '${id}' is in use, can not be deleted`);
      backends.delete(id);
      return OK;
    },
    get: (id) => backends.get(id),
    ids: () => [...backends.keys()],
    list: () => [...backends.values()],
    claim(id) {
      if (claimed.has(id)) return genericError(`can't use already busy memdev: ${id}`);
      claimed.add(id);
      return OK;
    },
    release: (id) => void claimed.delete(id),
  };
}
