import type { OnlineType, PfnRange } from "@memhp/abi";

/** What one zone of `struct zone` holds, as the traces' `hidden` reads it. */
export interface PlainZone {
  start: number;
  spanned: number;
  present: number;
  initialised: boolean;
}

interface PlainNode {
  start: number;
  spanned: number;
  nrZones: number;
  online: boolean;
  zones: PlainZone[];
}

const SECTION = 0x8000;
const CHUNK = 0x400;
const NORMAL = 2;
const MOVABLE = 3;
const ZONE_NAMES = ["DMA", "DMA32", "Normal", "Movable"];
const ABSENT = 255;

/**
 * Linux 4.1's hot-add, zone moves and removal, page by page and without a shortcut: a node and a zone for each struct page, and
 * the loops of facts/kernel.md §3.1, §4.1 and §5.2 over them. It knows nothing of blocks, parts or the engine's tables.
 */
export class Pages41 {
  readonly nodes: PlainNode[];
  readonly #nid: Uint8Array;
  readonly #zone: Uint8Array;
  readonly #ram: Uint8Array;

  /** @param movableStart first pfn of ZONE_MOVABLE by node, where boot carves one. */
  constructor(ram: readonly (readonly PfnRange[])[], movableStart: ReadonlyMap<number, number>, endPfn: number) {
    this.#nid = new Uint8Array(endPfn).fill(ABSENT);
    this.#zone = new Uint8Array(endPfn);
    this.#ram = new Uint8Array(endPfn);
    for (const { startPfn, endPfn: end } of ram.flat()) {
      this.#ram.fill(1, startPfn, end);
      // A section with any RAM is there as a whole; its struct pages are zero until a zone claims them.
      this.#nid.fill(0, startPfn - (startPfn % SECTION), Math.ceil(end / SECTION) * SECTION);
    }
    this.nodes = ram.map((ranges, nid) => this.#bootNode(nid, ranges, movableStart.get(nid)));
  }

  #bootNode(nid: number, ranges: readonly PfnRange[], movableStart: number | undefined): PlainNode {
    const node: PlainNode = { start: 0, spanned: 0, nrZones: 0, online: nid === 0 || ranges.length > 0, zones: [] };
    const start = ranges[0]?.startPfn ?? 0;
    const end = ranges.at(-1)?.endPfn ?? 0;
    node.start = start;
    node.spanned = end - start;
    const cut = movableStart ?? Number.POSITIVE_INFINITY;
    const bounds = [
      [0, Math.min(0x1000, cut)],
      [0x1000, Math.min(0x100000, cut)],
      [0x100000, cut],
      [cut, Number.POSITIVE_INFINITY],
    ] as const;
    for (const [index, [low, high]] of bounds.entries()) {
      const zone: PlainZone = { start: 0, spanned: 0, present: 0, initialised: false };
      node.zones.push(zone);
      const from = Math.max(start, low);
      const to = Math.min(end, high);
      if (index === MOVABLE && movableStart !== undefined) zone.present = Math.max(0, movableStart - end);
      if (from >= to) continue;
      Object.assign(zone, { start: from, spanned: to - from, initialised: true });
      node.nrZones = index + 1;
      for (let pfn = from; pfn < to; pfn++) {
        if (this.#nid[pfn] === ABSENT) continue;
        const isOurs = ranges.some((range) => pfn >= range.startPfn && pfn < range.endPfn);
        if (this.#ram[pfn] === 1 && !isOurs) continue;
        this.#nid[pfn] = nid;
        this.#zone[pfn] = index;
        if (isOurs) zone.present++;
      }
    }
    return node;
  }

  isThere(pfn: number): boolean {
    return this.#nid[pfn] !== ABSENT;
  }

  #zoneOf(pfn: number): PlainZone {
    return at(at(this.nodes, at(this.#nid, pfn)).zones, at(this.#zone, pfn));
  }

  add(nid: number, start: number, end: number): void {
    const node = at(this.nodes, nid);
    if (!node.online) {
      node.nrZones = 0;
      for (const zone of node.zones) Object.assign(zone, { spanned: 0, present: 0 });
      node.online = true;
    }
    const movable = at(node.zones, MOVABLE);
    const index = movable.spanned !== 0 && movable.start <= start ? MOVABLE : NORMAL;
    for (let pfn = start; pfn < end; pfn += SECTION) {
      this.#initialise(node, index, pfn);
      grow(at(node.zones, index), pfn, pfn + SECTION);
      grow(node, pfn, pfn + SECTION);
      this.#nid.fill(nid, pfn, pfn + SECTION);
      this.#zone.fill(index, pfn, pfn + SECTION);
      this.#ram.fill(1, pfn, pfn + SECTION);
    }
  }

  #initialise(node: PlainNode, index: number, pfn: number): void {
    const zone = at(node.zones, index);
    if (zone.initialised) return;
    Object.assign(zone, { start: pfn, initialised: true });
    node.nrZones = index + 1;
  }

  /** @returns false for EINVAL. */
  online(start: number, end: number, type: OnlineType): boolean {
    const nid = at(this.#nid, start);
    const node = at(this.nodes, nid);
    const [normal, movable] = [at(node.zones, NORMAL), at(node.zones, MOVABLE)];
    if (type === "kernel" && this.#zone[start] === MOVABLE) {
      this.#initialise(node, NORMAL, start);
      const movableEnd = movable.start + movable.spanned;
      if (end > movableEnd || start > movable.start || end <= movable.start) return false;
      resize(normal, normal.spanned === 0 ? start : normal.start, end);
      resize(movable, end, movableEnd);
      this.#zone.fill(NORMAL, start, end);
      this.#nid.fill(nid, start, end);
    } else if (type === "movable" && this.#zone[start] === NORMAL) {
      this.#initialise(node, MOVABLE, start);
      const normalEnd = normal.start + normal.spanned;
      if (normal.start > start || normalEnd > end || start >= normalEnd) return false;
      const movableEnd = movable.spanned === 0 ? end : movable.start + movable.spanned;
      resize(normal, normal.start, start);
      resize(movable, start, movableEnd);
      this.#zone.fill(MOVABLE, start, end);
      this.#nid.fill(nid, start, end);
    }
    this.#zoneOf(start).present += this.#countRam(start, end);
    return true;
  }

  offline(start: number, end: number): void {
    this.#zoneOf(start).present -= this.#countRam(start, end);
  }

  #countRam(start: number, end: number): number {
    let count = 0;
    for (let pfn = start; pfn < end; pfn++) count += at(this.#ram, pfn);
    return count;
  }

  remove(start: number, end: number): void {
    const nid = at(this.#nid, start);
    const index = at(this.#zone, start);
    const node = at(this.nodes, nid);
    const zone = at(node.zones, index);
    for (let section = start; section < end; section += SECTION) {
      if (!this.isThere(section)) break;
      this.#shrink(zone, section, (pfn) => this.#nid[pfn] === nid && this.#zone[pfn] === index);
      this.#shrink(node, section, (pfn) => this.#nid[pfn] === nid);
      this.#nid.fill(ABSENT, section, section + SECTION);
      this.#ram.fill(0, section, section + SECTION);
    }
    if (nid === 0 || this.#nid.includes(nid)) return;
    node.online = false;
    for (const each of node.zones) each.initialised = false;
  }

  /** shrink_zone_span and shrink_pgdat_span. */
  #shrink(span: { start: number; spanned: number }, start: number, isMember: (pfn: number) => boolean): void {
    const end = start + SECTION;
    const [from, to] = [span.start, span.start + span.spanned];
    if (from === start) {
      for (let pfn = end; pfn < to; pfn += SECTION) {
        if (!isMember(pfn)) continue;
        Object.assign(span, { start: pfn, spanned: to - pfn });
        break;
      }
    } else if (to === end) {
      for (let pfn = start - 1; pfn >= from; pfn -= SECTION) {
        if (!isMember(pfn)) continue;
        span.spanned = pfn - from + 1;
        break;
      }
    }
    for (let pfn = from; pfn < to; pfn += SECTION) if (pfn !== start && isMember(pfn)) return;
    Object.assign(span, { start: 0, spanned: 0 });
  }

  /** show_valid_zones. */
  validZones(start: number, end: number): string {
    for (let pfn = start; pfn < end; pfn += CHUNK) if (this.#zoneOf(pfn) !== this.#zoneOf(start)) return "none";
    const zone = this.#zoneOf(start);
    const index = at(this.#zone, start);
    if (index === NORMAL && end === zone.start + zone.spanned) return "Normal Movable";
    if (index === MOVABLE && start === zone.start) return "Movable Normal";
    return at(ZONE_NAMES, index);
  }

  /** is_mem_section_removable, as far as the span decides. */
  isInSpan(start: number, end: number): boolean {
    for (let pfn = start; pfn < end; pfn += 512) {
      const zone = this.#zoneOf(pfn);
      if (pfn < zone.start || pfn >= zone.start + zone.spanned) return false;
    }
    return true;
  }
}

function at<T>(list: ArrayLike<T>, index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`nothing at ${index}`);
  return found;
}

/** grow_zone_span and grow_pgdat_span. */
function grow(span: { start: number; spanned: number }, start: number, end: number): void {
  const oldEnd = span.start + span.spanned;
  if (span.spanned === 0 || start < span.start) span.start = start;
  span.spanned = Math.max(oldEnd, end) - span.start;
}

/** resize_zone. */
function resize(zone: PlainZone, start: number, end: number): void {
  zone.start = end === start ? 0 : start;
  zone.spanned = end - start;
}
