import {
  defaultHeader,
  HEADER_BYTES,
  readHeader,
  type TableHeader,
  TableError,
  view,
  writeTable,
} from "./table-header.ts";

/** System Locality Distance Information Table: `distances[from][to]` for proximity domains 0, 1, … */
export interface Slit {
  readonly header: TableHeader;
  readonly distances: readonly (readonly number[])[];
}

/** Distance of a node to itself. */
export const LOCAL_DISTANCE = 10;
/** What Linux assumes between two nodes without a SLIT. */
export const REMOTE_DISTANCE = 20;

const COUNT_BYTES = 8;

/** Reads a System Locality Information Table. @throws TableError for a table that is damaged. */
export function readSlit(bytes: Uint8Array): Slit {
  const { header, table } = readHeader(bytes, "SLIT");
  if (table.length < HEADER_BYTES + COUNT_BYTES) throw new TableError("SLIT: no number of localities");
  const localities = Number(view(table).getBigUint64(HEADER_BYTES, true));
  const first = HEADER_BYTES + COUNT_BYTES;
  if (table.length < first + localities * localities) {
    throw new TableError(`SLIT: ${localities} localities do not fit ${table.length} bytes`);
  }
  const row = (from: number): number[] => [
    ...table.subarray(first + from * localities, first + (from + 1) * localities),
  ];
  return { header, distances: Array.from({ length: localities }, (_, from) => row(from)) };
}

/** The table's bytes. @throws RangeError where the distances are no square of bytes. */
export function writeSlit({
  header,
  distances,
}: {
  readonly header?: Partial<TableHeader>;
  readonly distances: Slit["distances"];
}): Uint8Array {
  const size = distances.length;
  const body = new Uint8Array(COUNT_BYTES + size * size);
  view(body).setBigUint64(0, BigInt(size), true);
  for (const [from, row] of distances.entries()) {
    const bad = row.length !== size ? row.length : row.find((d) => !Number.isInteger(d) || d < 0 || d > 255);
    if (bad !== undefined) throw new RangeError(`SLIT: row ${from} is not ${size} numbers of 0..255 (found ${bad})`);
    body.set(row, COUNT_BYTES + from * size);
  }
  return writeTable("SLIT", { ...defaultHeader, ...header }, body);
}

/**
 * The distances of a machine's table, if it has one and Linux takes it: 10 from a node to itself, more to every other
 * one. It ignores a table that is not so (drivers/acpi/numa slit_valid).
 */
export function trustedSlit(distances: Slit["distances"] | undefined): Slit["distances"] | undefined {
  const valid = distances?.every((row, from) =>
    row.every((distance, to) => (from === to ? distance === LOCAL_DISTANCE : distance > LOCAL_DISTANCE)),
  );
  return valid === true ? distances : undefined;
}

/**
 * Distance between two proximity domains as Linux sees it; domains that the table lacks are at the default distance.
 * @param from a proximity domain
 * @param to a proximity domain
 */
export function slitDistance(trusted: Slit["distances"] | undefined, from: number, to: number): number {
  return trusted?.[from]?.[to] ?? (from === to ? LOCAL_DISTANCE : REMOTE_DISTANCE);
}
