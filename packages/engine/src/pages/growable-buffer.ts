/** The part of WebAssembly.Memory that is used here; no code runs in it. */
interface GrowableMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
type MemoryConstructor = new (limits: { initial: number; maximum: number }) => GrowableMemory;

const WASM_PAGE = 65_536;
/** 4 GiB: what a memory with 32-bit addresses may have. */
const MOST_PAGES = 65_536;

/** Up to here copying is cheap. An engine has room for few memories: Chromium refuses the 120th of a page. */
const LEAST_MEMORY_BYTES = 8 * 2 ** 20;

/**
 * Bytes of one column. A small one grows fourfold by copying. A large one would take seconds and twice the memory for that, so it lies
 * in a WebAssembly.Memory, which grows in place. Where there is none, or its 4 GiB are full, it does copy.
 */
export class GrowableBuffer {
  #memory: GrowableMemory | undefined;
  #copied: ArrayBuffer = new ArrayBuffer(0);

  /** The buffer, at least so many bytes long; what was there is kept, and the rest is 0. Older views end here. */
  grow(bytes: number): ArrayBuffer {
    if (this.#memory !== undefined) return this.#growMemory(this.#memory, bytes);
    if (this.#copied.byteLength >= bytes) return this.#copied;
    if (bytes < LEAST_MEMORY_BYTES) return this.#copy(Math.max(bytes, 4 * this.#copied.byteLength));
    const memory = newMemory(bytes);
    if (memory === undefined) return this.#copy(bytes);
    new Uint8Array(memory.buffer).set(new Uint8Array(this.#copied));
    this.#copied = new ArrayBuffer(0);
    this.#memory = memory;
    return memory.buffer;
  }

  #growMemory(memory: GrowableMemory, bytes: number): ArrayBuffer {
    const missing = Math.ceil((bytes - memory.buffer.byteLength) / WASM_PAGE);
    try {
      if (missing > 0) memory.grow(missing);
      return memory.buffer;
    } catch {
      this.#copied = memory.buffer;
      this.#memory = undefined;
      return this.#copy(bytes);
    }
  }

  #copy(bytes: number): ArrayBuffer {
    return (this.#copied = moved(this.#copied, bytes));
  }
}

/** Node 20 does not have it. */
interface Transferable extends ArrayBuffer {
  transfer?(bytes: number): ArrayBuffer;
}

/**
 * A longer one instead. Its rest takes no memory until it is written: `older.transfer(bytes)` would fill it with zeros at once, three
 * quarters of a column that grows fourfold. The older is given back at once where that can be said, and otherwise whenever garbage is
 * next collected.
 */
function moved(older: Transferable, bytes: number): ArrayBuffer {
  const longer = new Uint8Array(bytes);
  longer.set(new Uint8Array(older));
  older.transfer?.(0);
  return longer.buffer;
}

function newMemory(bytes: number): GrowableMemory | undefined {
  const { WebAssembly: wasm } = globalThis as { WebAssembly?: { Memory: MemoryConstructor } };
  try {
    return wasm === undefined
      ? undefined
      : new wasm.Memory({ initial: Math.ceil(bytes / WASM_PAGE), maximum: MOST_PAGES });
  } catch {
    return undefined;
  }
}
