// Reads back what a picture shows, so that tests judge the picture and not the code that made it.

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface DrawnLabel extends Rect {
  readonly text: string;
}

export type Segment = readonly [x1: number, y1: number, x2: number, y2: number];

export interface Drawing {
  readonly sheet: Rect;
  readonly labels: readonly DrawnLabel[];
  /** By path; inner boxes included. */
  readonly boxes: ReadonlyMap<string, Rect>;
  readonly lines: readonly Segment[];
}

const MONO_EM = 0.6;

export function readSvg(svg: string): Drawing {
  const [, width, height] = /<svg [^>]*width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  const boxes = new Map<string, Rect>();
  for (const [, path = "", x, y, w, h] of svg.matchAll(
    /<g data-state="([^"]*)">(?:<title>[^<]*<\/title>)?<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"/g,
  )) {
    boxes.set(path, { left: Number(x), top: Number(y), right: Number(x) + Number(w), bottom: Number(y) + Number(h) });
  }
  const arrows = svg.split("\n").filter((line) => line.startsWith("<g data-source"));
  return {
    sheet: { left: 0, top: 0, right: Number(width), bottom: Number(height) },
    boxes,
    labels: arrows.flatMap(labelsIn),
    lines: arrows.flatMap((arrow) =>
      [...arrow.matchAll(/<path d="([^"]+)" fill="none"/g)].flatMap(([, way = ""]) => segmentsOf(way)),
    ),
  };
}

function labelsIn(arrow: string): DrawnLabel[] {
  return [
    ...arrow.matchAll(/<text x="([\d.-]+)" y="([\d.-]+)"( text-anchor="end")?[^>]*font-size="(\d+)"[^>]*>([^<]*)</g),
  ].map(([, x, y, end, size, text = ""]) => {
    const plain = text.replaceAll(/&\w+;/g, "&");
    const width = plain.length * MONO_EM * Number(size);
    const left = end === undefined ? Number(x) : Number(x) - width;
    return {
      text,
      left,
      right: left + width,
      top: Number(y) - 0.75 * Number(size),
      bottom: Number(y) + 0.2 * Number(size),
    };
  });
}

/** Corners are rounded by curves, which lie within the corner. */
function segmentsOf(way: string): Segment[] {
  const points = [...way.matchAll(/[MLQ]([\d. -]+)/g)].map(
    ([, numbers = ""]) => numbers.trim().split(" ").map(Number).slice(0, 2) as [number, number],
  );
  return points.slice(1).map(([x, y], i) => [...(points[i] ?? [0, 0]), x, y]);
}

export function overlap(a: Rect, b: Rect): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

export function rectOf([x1, y1, x2, y2]: Segment): Rect {
  return {
    left: Math.min(x1, x2),
    right: Math.max(x1, x2) + 0.01,
    top: Math.min(y1, y2),
    bottom: Math.max(y1, y2) + 0.01,
  };
}

export function contains(outer: Rect, inner: Rect): boolean {
  return (
    outer.left <= inner.left && inner.right <= outer.right && outer.top <= inner.top && inner.bottom <= outer.bottom
  );
}

export function outlineOf({ left, top, right, bottom }: Rect): Segment[] {
  return [
    [left, top, right, top],
    [left, bottom, right, bottom],
    [left, top, left, bottom],
    [right, top, right, bottom],
  ];
}
