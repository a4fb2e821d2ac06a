import { groupBy } from "@memhp/abi";
import { dimmsOf } from "@memhp/devices";
import { BlockFlag, BlockState } from "@memhp/engine";
import type { Machine } from "@memhp/machine";

/** A run of neighbouring blocks that came together: boot memory, one memory device, or memory that none brought. */
export interface Segment {
  readonly node: number;
  /** `boot`, or the id of the DIMM or of the memory in a container. */
  readonly label: string;
  readonly isDimm: boolean;
  /** Its blocks are `ids[start]` up to `ids[end - 1]`, without a gap. */
  readonly start: number;
  readonly end: number;
  /** Blocks' worth of addresses before it where nothing is, back to the memory before, of whichever node. */
  readonly hole: number;
}

/** Which blocks there are, in the order in which the map shows them: by node and then by address. */
export interface BlockShape {
  readonly ids: Int32Array;
  readonly segments: readonly Segment[];
}

/** Every memory block of a machine at one moment, as columns. */
export interface BlockColumns extends BlockShape {
  readonly state: Uint8Array;
  /** Zone index, or the engine's `NO_ZONE` and `MIXED_ZONES`. */
  readonly zone: Uint8Array;
  readonly unmovable: Uint8Array;
  /** Place of a block in the columns, or -1. */
  readonly indexOf: (id: number) => number;
}

type Places = BlockColumns["indexOf"];

/** Where each block stands. */
export function placesOf({ ids }: Pick<BlockShape, "ids">): Places {
  let last = -1;
  for (const id of ids) if (id > last) last = id;
  const places = new Int32Array(last + 1).fill(-1);
  for (let i = 0; i < ids.length; i++) places[ids[i] as number] = i;
  return (id) => places[id] ?? -1;
}

/** Reads which blocks a machine has. */
function readShape(machine: Machine): BlockShape {
  const { blocks } = machine.map;
  const all = [...blocks.ids()];
  const ids = new Int32Array(all.length);
  const segments: Segment[] = [];
  const holeBefore = holes(all);
  const memoryOf = memoryFinder(machine);
  let at = 0;
  for (const [node, own] of [...groupBy(all, (id) => blocks.node(id))].sort(([a], [b]) => a - b)) {
    let first = 0;
    for (let i = 1; i <= own.length; i++) {
      const start = own[first] as number;
      const memory = memoryOf(start);
      const goesOn = own[i] === (own[i - 1] as number) + 1 && memoryOf(own[i] as number) === memory;
      if (goesOn) continue;
      segments.push({
        node,
        label: memory?.id ?? "boot",
        isDimm: memory?.isDimm ?? false,
        start: at + first,
        end: at + i,
        hole: holeBefore.get(start) ?? 0,
      });
      first = i;
    }
    ids.set(own, at);
    at += own.length;
  }
  return { ids, segments };
}

/** For each block after a gap of addresses, how many blocks would lie in it. */
function holes(ids: readonly number[]): Map<number, number> {
  const found = new Map<number, number>();
  for (let i = 0; i < ids.length; i++) {
    const gap = (ids[i] as number) - ((ids[i - 1] ?? -1) + 1);
    if (gap > 0) found.set(ids[i] as number, gap);
  }
  return found;
}

/** Copies the rows of all blocks out of a machine. */
export function readBlocks(machine: Machine, shape: BlockShape = readShape(machine), places?: Places): BlockColumns {
  const count = shape.ids.length;
  const columns: BlockColumns = {
    ...shape,
    state: new Uint8Array(count),
    zone: new Uint8Array(count),
    unmovable: new Uint8Array(count),
    indexOf: places ?? placesOf(shape),
  };
  const { ids, state, zone, unmovable, indexOf } = columns;
  for (const { row, count: alike } of machine.map.blocks.runs()) {
    const at = indexOf(row.id);
    const end = at + alike;
    // Neighbours of one node are neighbours here too.
    if (at < 0 || ids[end - 1] !== row.id + alike - 1) {
      readEach(machine, columns, row.id, alike);
      continue;
    }
    state.fill(row.state, at, end);
    zone.fill(row.zone, at, end);
    unmovable.fill((row.flags & BlockFlag.unmovable) === 0 ? 0 : 1, at, end);
  }
  return columns;
}

/** The columns before, with what some blocks are now. */
export function rereadBlocks(machine: Machine, before: BlockColumns, changed: Iterable<number>): BlockColumns {
  const columns: BlockColumns = {
    ...before,
    state: before.state.slice(),
    zone: before.zone.slice(),
    unmovable: before.unmovable.slice(),
  };
  for (const id of changed) readEach(machine, columns, id, 1);
  return columns;
}

function readEach(machine: Machine, columns: BlockColumns, first: number, count: number): void {
  for (let id = first; id < first + count; id++) {
    const at = columns.indexOf(id);
    if (at >= 0) readBlock(machine, columns, at);
  }
}

function readBlock({ map: { blocks } }: Machine, columns: BlockColumns, at: number): void {
  const id = columns.ids[at] as number;
  if (!blocks.has(id)) {
    columns.state[at] = BlockState.absent;
    return;
  }
  columns.state[at] = blocks.state(id);
  columns.zone[at] = blocks.zone(id);
  columns.unmovable[at] = blocks.hasFlag(id, BlockFlag.unmovable) ? 1 : 0;
}

interface Memory {
  readonly id: string;
  readonly isDimm: boolean;
  readonly first: number;
  readonly last: number;
}

/** The device that brought a block. */
function memoryFinder(machine: Machine): (id: number) => Memory | undefined {
  const size = machine.board.blockSizeBytes;
  const dimms = new Set(
    dimmsOf(machine)
      .list()
      .map(({ id }) => id),
  );
  const devices = machine.pluggedMemory().map(({ id, addr, sizeBytes }): Memory => ({
    id,
    isDimm: dimms.has(id),
    first: Math.floor(addr / size),
    last: Math.ceil((addr + sizeBytes) / size) - 1,
  }));
  let recent: Memory | undefined;
  return (id) => {
    // Blocks are asked for by ascending address, so it is mostly the device of the one before.
    if (recent !== undefined && id >= recent.first && id <= recent.last) return recent;
    return (recent = search(devices, id));
  };
}

function search(devices: readonly Memory[], id: number): Memory | undefined {
  let [low, high] = [0, devices.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const device = devices[middle] as Memory;
    if (id < device.first) high = middle - 1;
    else if (id > device.last) low = middle + 1;
    else return device;
  }
  return undefined;
}
