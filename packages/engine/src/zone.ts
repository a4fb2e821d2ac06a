import { type ZoneIndex, type ZoneName, zoneName } from "@memhp/abi";

/**
 * `struct zone` as far as hotplug reads and writes it. All counts are pages. An empty zone
 * has `spannedPages` 0; its `startPfn` is then what the kernel last wrote there (observed-4.1 §4).
 */
export interface Zone {
  readonly index: ZoneIndex;
  startPfn: number;
  spannedPages: number;
  presentPages: number;
  managedPages: number;
  /** present_early_pages: boot memory that is online in this zone (6.x, facts §3.4). */
  earlyPages: number;
  /** 4.1: the zone has a wait table (zone_is_initialized). */
  initialised: boolean;
}

export function emptyZone(index: ZoneIndex): Zone {
  return { index, startPfn: 0, spannedPages: 0, presentPages: 0, managedPages: 0, earlyPages: 0, initialised: false };
}

export function nameOfZone(zone: Zone): ZoneName {
  return zoneName(zone.index);
}

/** zone_end_pfn: one past the last spanned pfn. */
export function zoneEndPfn(zone: Zone): number {
  return zone.startPfn + zone.spannedPages;
}

export function isZoneEmpty(zone: Zone): boolean {
  return zone.spannedPages === 0;
}

/** zone_intersects: does [startPfn, startPfn + nrPages) touch the zone's span? */
export function zoneIntersects(zone: Zone, startPfn: number, nrPages: number): boolean {
  return !isZoneEmpty(zone) && startPfn < zoneEndPfn(zone) && startPfn + nrPages > zone.startPfn;
}

/** A span that can grow: a zone's or a node's. */
export interface Span {
  startPfn: number;
  spannedPages: number;
}

/** Grows a span to the hull of itself and [startPfn, endPfn); holes between are swallowed (observed-4.1 §2, observed-6 §4). */
export function growSpan(span: Span, startPfn: number, endPfn: number): void {
  if (span.spannedPages === 0) {
    span.startPfn = startPfn;
    span.spannedPages = endPfn - startPfn;
    return;
  }
  const oldEnd = span.startPfn + span.spannedPages;
  span.startPfn = Math.min(span.startPfn, startPfn);
  span.spannedPages = Math.max(oldEnd, endPfn) - span.startPfn;
}

/** resize_zone of 4.1: an empty result is written as start 0, span 0 (facts §3.1 step 3). */
export function resizeSpan(span: Span, startPfn: number, endPfn: number): void {
  span.startPfn = endPfn > startPfn ? startPfn : 0;
  span.spannedPages = Math.max(0, endPfn - startPfn);
}
