import { Buffer } from "node:buffer";
import type { OutputEntry } from "./output-entry.ts";

const BLOCK = 512;

/** Two empty blocks end an archive. */
export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK);

/** An entry of a ustar archive, owned by nobody in particular, of no time. */
export function* tarEntry({ path, mode, text, target }: OutputEntry): IterableIterator<Uint8Array> {
  const body = Buffer.from(text ?? "", "latin1");
  const type = target !== undefined ? "2" : text !== undefined ? "0" : "5";
  // GNU: a long name stands in an entry of its own.
  for (const [kind, name] of [
    ["L", path],
    ["K", target ?? ""],
  ] as const) {
    if (Buffer.byteLength(name) <= 100) continue;
    const bytes = Buffer.from(`${name}\0`);
    yield header("././@LongLink", 0, bytes.length, kind, "");
    yield padded(bytes);
  }
  yield header(path, mode, body.length, type, target ?? "");
  if (body.length > 0) yield padded(body);
}

function padded(bytes: Buffer): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
  whole.set(bytes);
  return whole;
}

function header(path: string, mode: number, size: number, type: string, target: string): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  block.write(path.slice(0, 100), 0, 100, "utf8");
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write("        ", 148);
  block.write(type, 156);
  block.write(target.slice(0, 100), 157, 100, "utf8");
  block.write("ustar\x0000", 257);
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      7,
    )} `,
    148,
  );
  return block;
}

/** Digits with a zero byte behind them, in so many bytes. */
function octal(number: number, bytes: number): string {
  return `${number.toString(8).padStart(bytes - 1, "0")}\0`;
}
