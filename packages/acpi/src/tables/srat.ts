import { affinityBytes, readAffinity, type SratAffinity } from "./srat-affinity.ts";
import { defaultHeader, HEADER_BYTES, readHeader, type TableHeader, TableError, writeTable } from "./table-header.ts";

/** System Resource Affinity Table: which memory and which processors belong to which proximity domain. */
export interface Srat {
  readonly header: TableHeader;
  readonly affinities: readonly SratAffinity[];
}

/** Header, a reserved word that must be 1, and eight reserved bytes. */
const FIXED_BYTES = HEADER_BYTES + 12;
/** The table's revision since ACPI 3.0: proximity domains have 32 bits. */
export const SRAT_REVISION = 3;

/** Reads a System Resource Affinity Table. @throws TableError for a table that is damaged. */
export function readSrat(bytes: Uint8Array): Srat {
  const { header, table } = readHeader(bytes, "SRAT");
  if (table.length < FIXED_BYTES) throw new TableError(`SRAT: ${table.length} bytes are less than its fixed part`);
  const affinities: SratAffinity[] = [];
  for (let offset = FIXED_BYTES; offset < table.length;) {
    const length = table[offset + 1] ?? 0;
    if (length < 2 || offset + length > table.length) {
      throw new TableError(`SRAT: the structure at byte ${offset} has length ${length}`);
    }
    affinities.push(readAffinity(table.subarray(offset, offset + length), header.revision, offset));
    offset += length;
  }
  return { header, affinities };
}

/** The table's bytes. @throws RangeError for a number that its field cannot hold. */
export function writeSrat({
  header,
  affinities,
}: {
  readonly header?: Partial<TableHeader>;
  readonly affinities: readonly SratAffinity[];
}): Uint8Array {
  const full = { ...defaultHeader, revision: SRAT_REVISION, ...header };
  const parts = affinities.map((affinity) => affinityBytes(affinity, full.revision));
  const body = new Uint8Array(12 + parts.reduce((sum, part) => sum + part.length, 0));
  body[0] = 1;
  let offset = 12;
  for (const part of parts) {
    body.set(part, offset);
    offset += part.length;
  }
  return writeTable("SRAT", full, body);
}

/**
 * The node that Linux gives each proximity domain: dense numbers, processors and initiators in the table's order first,
 * then memory (observed-6 §5: PXM 3 became node 2). Structures that are not enabled do not count.
 */
export function nodesOfSrat({ affinities }: Pick<Srat, "affinities">): Map<number, number> {
  const nodes = new Map<number, number>();
  const take = (affinity: SratAffinity): void => {
    if (affinity.type === "other" || !affinity.enabled || nodes.has(affinity.proximity)) return;
    nodes.set(affinity.proximity, nodes.size);
  };
  for (const affinity of affinities) if (affinity.type !== "memory") take(affinity);
  for (const affinity of affinities) if (affinity.type === "memory") take(affinity);
  return nodes;
}
