/** Length of the header that every ACPI table begins with. */
export const HEADER_BYTES = 36;

/** The part of the header that a table's author chooses. Strings are ASCII, padded with NUL or blanks as given. */
export interface TableHeader {
  /** Revision of the table's form. */
  readonly revision: number;
  /** Up to 6 characters. */
  readonly oemId: string;
  /** Up to 8 characters. */
  readonly oemTableId: string;
  /** Whatever its maker counts by it. */
  readonly oemRevision: number;
  /** Up to 4 characters. */
  readonly creatorId: string;
  /** Version of the program that wrote it. */
  readonly creatorRevision: number;
}

export const defaultHeader: TableHeader = {
  revision: 1,
  oemId: "MEMHP",
  oemTableId: "MEMHP",
  oemRevision: 1,
  creatorId: "MEMH",
  creatorRevision: 1,
};

/** Bytes that are no such table: which rule they break, and where. */
export class TableError extends Error {
  override readonly name = "TableError";
}

/** Sum of all bytes modulo 256; 0 for a table as it should be. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = (sum + byte) & 0xff;
  return sum;
}

export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Checks signature, length and checksum.
 * @returns the header, and the table without what may follow it.
 * @throws TableError
 */
export function readHeader(bytes: Uint8Array, signature: string): { header: TableHeader; table: Uint8Array } {
  if (bytes.length < HEADER_BYTES) throw new TableError(`${signature}: ${bytes.length} bytes are less than a header`);
  const found = readText(bytes, 0, 4);
  if (found !== signature) throw new TableError(`expected a table ${signature}, found ${JSON.stringify(found)}`);
  const length = view(bytes).getUint32(4, true);
  if (length < HEADER_BYTES || length > bytes.length) {
    throw new TableError(`${signature}: its length is ${length}, but there are ${bytes.length} bytes`);
  }
  const table = bytes.subarray(0, length);
  if (checksum(table) !== 0) throw new TableError(`${signature}: the checksum is wrong`);
  const data = view(table);
  const header: TableHeader = {
    revision: data.getUint8(8),
    oemId: readText(table, 10, 6),
    oemTableId: readText(table, 16, 8),
    oemRevision: data.getUint32(24, true),
    creatorId: readText(table, 28, 4),
    creatorRevision: data.getUint32(32, true),
  };
  return { header, table };
}

/** A table: header and body, with length and checksum set. @throws RangeError for a text that does not fit. */
export function writeTable(signature: string, header: TableHeader, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  const data = view(bytes);
  writeText(bytes, 0, 4, signature);
  data.setUint32(4, bytes.length, true);
  data.setUint8(8, header.revision);
  writeText(bytes, 10, 6, header.oemId);
  writeText(bytes, 16, 8, header.oemTableId);
  data.setUint32(24, header.oemRevision, true);
  writeText(bytes, 28, 4, header.creatorId);
  data.setUint32(32, header.creatorRevision, true);
  bytes.set(body, HEADER_BYTES);
  bytes[9] = -checksum(bytes) & 0xff;
  return bytes;
}

/** Text of a fixed field, without the NULs at its end. */
export function readText(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length)).replace(/\0+$/, "");
}

export function writeText(bytes: Uint8Array, offset: number, length: number, text: string): void {
  if (text.length > length || /[^\x20-\x7e]/.test(text)) {
    throw new RangeError(`${JSON.stringify(text)} is no ASCII text of at most ${length} characters`);
  }
  for (let i = 0; i < text.length; i++) bytes[offset + i] = text.charCodeAt(i);
}
