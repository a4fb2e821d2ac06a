import { type ZoneIndex, type ZoneName, zoneName } from "@memhp/abi";

/**
 * `struct zone` as far as hotplug reads and writes it. All counts are pages. An empty zone
 * has `spannedPages` 0; its `startPfn` is then what the kernel last wrote there (observed-4.1 §4).
 */
export interface Zone {
  readonly index: ZoneIndex;
  startPfn: number;
  /** Below zero where the kernel's unsigned counter has wrapped (`resizeSpan`). */
  spannedPages: number;
  presentPages: number;
  managedPages: number;
  /** present_early_pages: boot memory that is online in this zone (6.x, facts §3.4). */
  earlyPages: number;
  /** 4.1: the zone has a wait table (zone_is_initialized). */
  initialised: boolean;
}

/** A zone without pages. */
export function emptyZone(index: ZoneIndex): Zone {
  return { index, startPfn: 0, spannedPages: 0, presentPages: 0, managedPages: 0, earlyPages: 0, initialised: false };
}

/** The name of a zone of a map. */
export function nameOfZone(zone: Zone): ZoneName {
  return zoneName(zone.index);
}

/** zone_end_pfn: one past the last spanned pfn. */
export function zoneEndPfn(zone: Zone): number {
  return zone.startPfn + zone.spannedPages;
}

/** Whether a zone spans no page. */
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

/**
 * grow_zone_span: the hull of the span and [startPfn, endPfn); holes between are swallowed (observed-4.1 §2, observed-6 §4). The
 * end of an empty span is its start.
 */
export function growSpan(span: Span, startPfn: number, endPfn: number): void {
  const oldEnd = span.startPfn + span.spannedPages;
  if (span.spannedPages === 0 || startPfn < span.startPfn) span.startPfn = startPfn;
  span.spannedPages = Math.max(oldEnd, endPfn) - span.startPfn;
}

/**
 * resize_zone of 4.1: an empty result is written as start 0, span 0 (facts §3.1 step 3). An end below the start, left over from a
 * stale span (observed-4.1 Q4), is written as it is: the kernel's counter wraps, ours is below zero.
 */
export function resizeSpan(span: Span, startPfn: number, endPfn: number): void {
  span.startPfn = endPfn === startPfn ? 0 : startPfn;
  span.spannedPages = endPfn - startPfn;
}
