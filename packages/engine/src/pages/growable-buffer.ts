/** The part of WebAssembly.Memory that is used here; no code runs in it. */
interface GrowableMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
type MemoryConstructor = new (limits: { initial: number; maximum: number }) => GrowableMemory;

const WASM_PAGE = 65_536;
/** 4 GiB: what a memory with 32-bit addresses may have. */
const MOST_PAGES = 65_536;

/**
 * Bytes of one column. They lie in a WebAssembly.Memory, because that grows in place: a column that doubles by
 * copying would take seconds and twice the memory. Where there is none, or its 4 GiB are full, it does copy.
 */
export class GrowableBuffer {
  #memory: GrowableMemory | undefined = newMemory();
  #copied: ArrayBuffer | undefined;

  /** The buffer, at least so many bytes long; what was there is kept, and the rest is 0. Older views end here. */
  grow(bytes: number): ArrayBuffer {
    if (this.#memory === undefined) return this.#copy(bytes);
    const missing = Math.ceil((bytes - this.#memory.buffer.byteLength) / WASM_PAGE);
    try {
      if (missing > 0) this.#memory.grow(missing);
      return this.#memory.buffer;
    } catch {
      this.#copied = this.#memory.buffer;
      this.#memory = undefined;
      return this.#copy(bytes);
    }
  }

  #copy(bytes: number): ArrayBuffer {
    const old = this.#copied;
    if (old !== undefined && old.byteLength >= bytes) return old;
    const longer = new Uint8Array(bytes);
    if (old !== undefined) longer.set(new Uint8Array(old));
    return (this.#copied = longer.buffer);
  }
}

function newMemory(): GrowableMemory | undefined {
  const { WebAssembly: wasm } = globalThis as { WebAssembly?: { Memory: MemoryConstructor } };
  try {
    return wasm === undefined ? undefined : new wasm.Memory({ initial: 0, maximum: MOST_PAGES });
  } catch {
    return undefined;
  }
}
