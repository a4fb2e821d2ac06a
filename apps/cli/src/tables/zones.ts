import { formatSize, zoneName } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import { textTable } from "@memhp/shell";

/** A zone of a node, in pages; `start_pfn` is null where the zone is empty. */
export interface ZoneRow {
  readonly node: number;
  readonly zone: string;
  readonly start_pfn: number | null;
  readonly spanned: number;
  readonly present: number;
  readonly managed: number;
  /** Bytes of the pages that are present. */
  readonly size: number;
}

/** The zones of every online node that have a span, or all of them. */
export function zoneRows(machine: Machine, all: boolean): ZoneRow[] {
  return [...machine.map.nodes.values()]
    .filter(({ online }) => online)
    .sort((a, b) => a.id - b.id)
    .flatMap(({ id, zones }) =>
      zones
        .filter(({ spannedPages }) => all || spannedPages > 0)
        .map(({ index, startPfn, spannedPages, presentPages, managedPages }) => ({
          node: id,
          zone: zoneName(index),
          start_pfn: spannedPages === 0 ? null : startPfn,
          spanned: spannedPages,
          present: presentPages,
          managed: managedPages,
          size: presentPages * machine.pageSize,
        })),
    );
}

export function zonesTable(rows: readonly ZoneRow[]): string {
  return textTable<ZoneRow>(
    [
      { name: "NODE", align: "right", cell: ({ node }) => String(node) },
      { name: "ZONE", align: "left", cell: ({ zone }) => zone },
      { name: "START_PFN", align: "right", cell: ({ start_pfn }) => (start_pfn === null ? "" : String(start_pfn)) },
      {
        name: "END_PFN",
        align: "right",
        cell: ({ start_pfn, spanned }) => (start_pfn === null ? "" : String(start_pfn + spanned)),
      },
      { name: "SPANNED", align: "right", cell: ({ spanned }) => String(spanned) },
      { name: "PRESENT", align: "right", cell: ({ present }) => String(present) },
      { name: "MANAGED", align: "right", cell: ({ managed }) => String(managed) },
      { name: "SIZE", align: "right", cell: ({ size }) => sizeText(size) },
    ],
    rows,
  );
}

const MIB = 1024 ** 2;

/** Boot zones end where firmware wants: MiB, rounded down, are near enough for people. */
function sizeText(bytes: number): string {
  return bytes < MIB ? formatSize(bytes) : formatSize(Math.floor(bytes / MIB) * MIB);
}
