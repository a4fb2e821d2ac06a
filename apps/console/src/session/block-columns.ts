import { dimmsOf } from "@memhp/devices";
import { BlockFlag, BlockState } from "@memhp/engine";
import type { Machine } from "@memhp/machine";

/** A run of neighbouring blocks that came together: boot memory, one memory device, or memory that none brought. */
export interface Segment {
  readonly node: number;
  /** `boot`, or the id of the DIMM or of the memory in a container. */
  readonly label: string;
  readonly isDimm: boolean;
  /** Its blocks are `ids[start]` up to `ids[end - 1]`. */
  readonly start: number;
  readonly end: number;
}

/** Every memory block of a machine at one moment, as columns in the order in which the map shows them. */
export interface BlockColumns {
  readonly ids: Int32Array;
  readonly state: Uint8Array;
  /** Zone index, or the engine's `NO_ZONE` and `MIXED_ZONES`. */
  readonly zone: Uint8Array;
  readonly unmovable: Uint8Array;
  /** The segments, by node and then by address. */
  readonly segments: readonly Segment[];
  /** Place of a block in the columns, or -1. */
  indexOf(id: number): number;
}

/** Copies the rows of all blocks out of a machine. */
export function readBlocks(machine: Machine): BlockColumns {
  const { blocks } = machine.map;
  const rows = [...blocks.ids()].map((id) => ({ id, node: blocks.node(id) }));
  // Stable, so each node's blocks stay in the order of their addresses.
  rows.sort((a, b) => a.node - b.node);
  const count = rows.length;
  const columns = {
    ids: new Int32Array(count),
    state: new Uint8Array(count),
    zone: new Uint8Array(count),
    unmovable: new Uint8Array(count),
  };
  const places = new Map<number, number>();
  for (const [i, { id }] of rows.entries()) {
    places.set(id, i);
    columns.ids[i] = id;
    columns.state[i] = blocks.state(id);
    columns.zone[i] = blocks.zone(id);
    columns.unmovable[i] = blocks.hasFlag(id, BlockFlag.unmovable) ? 1 : 0;
  }
  return { ...columns, segments: segmentsOf(rows, machine), indexOf: (id) => places.get(id) ?? -1 };
}

/** Blocks and bytes that are online, of all there are. */
export function onlineCount({ state }: BlockColumns): number {
  let online = 0;
  for (const value of state) if (value === BlockState.online || value === BlockState.goingOffline) online += 1;
  return online;
}

function segmentsOf(rows: readonly { id: number; node: number }[], machine: Machine): Segment[] {
  const dimmOf = memoryFinder(machine);
  const segments: Segment[] = [];
  let open: { node: number; dimm: string | undefined; start: number } | undefined;
  const close = (end: number): void => {
    if (open === undefined) return;
    segments.push({
      node: open.node,
      label: open.dimm ?? "boot",
      isDimm: open.dimm !== undefined && dimmsOf(machine).get(open.dimm) !== undefined,
      start: open.start,
      end,
    });
  };
  for (const [i, { id, node }] of rows.entries()) {
    const dimm = dimmOf(id);
    if (open !== undefined && open.node === node && open.dimm === dimm) continue;
    close(i);
    open = { node, dimm, start: i };
  }
  close(rows.length);
  return segments;
}

/** Blocks come by ascending address within a node, so the device of one is mostly that of the one before. */
function memoryFinder(machine: Machine): (id: number) => string | undefined {
  const size = machine.board.blockSizeBytes;
  const dimms = machine.pluggedMemory().map((dimm) => ({
    id: dimm.id,
    first: Math.floor(dimm.addr / size),
    last: Math.ceil((dimm.addr + dimm.sizeBytes) / size) - 1,
  }));
  return (id) => {
    let low = 0;
    let high = dimms.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const dimm = dimms[middle] as (typeof dimms)[number];
      if (id < dimm.first) high = middle - 1;
      else if (id > dimm.last) low = middle + 1;
      else return dimm.id;
    }
    return undefined;
  };
}
