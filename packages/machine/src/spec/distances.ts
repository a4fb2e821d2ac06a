/** What QEMU's `-numa dist` takes; a SLIT holds bytes. */
const MIN = 10;
const MAX = 255;

/**
 * Reads `machine.distances`: one row a node, `distances[from][to]` as the firmware's SLIT tells them. A table that Linux
 * would not believe is accepted, as firmware can hold one; the kernel then ignores it.
 * @returns undefined where the machine has no SLIT; otherwise the rows, or what is wrong and where.
 */
export function readDistances(
  raw: unknown,
  nodes: number,
): { readonly rows?: readonly (readonly number[])[]; readonly wrong?: readonly [where: string, what: string] } {
  if (raw === undefined) return {};
  if (!Array.isArray(raw) || raw.length !== nodes)
    return { wrong: ["machine.distances", `expected one row for each of the ${nodes} nodes`] };
  for (const [from, row] of (raw as unknown[]).entries()) {
    const where = `machine.distances[${from}]`;
    if (!Array.isArray(row) || row.length !== nodes) return { wrong: [where, `expected ${nodes} distances`] };
    const bad = (row as unknown[]).find(
      (distance) => typeof distance !== "number" || !Number.isInteger(distance) || distance < MIN || distance > MAX,
    );
    if (bad !== undefined)
      return { wrong: [where, `expected whole numbers of ${MIN}..${MAX}, found ${JSON.stringify(bad)}`] };
  }
  return { rows: raw as number[][] };
}
