/** Where a DIMM lay when it was last plugged in; references stay valid after it is gone. */
export interface DimmPlace {
  /** Physical address of the first byte. */
  readonly addr: number;
  readonly sizeBytes: number;
}

/** A `${…}` in a step names a DIMM or block that does not exist. */
export class DimmReferenceError extends Error {
  override readonly name = "DimmReferenceError";
}

/** `${d0.first}`: a DIMM, and which part of it. Names of dax devices have a dot themselves. */
const REFERENCE = /\$\{([^}]+)\.([^}.]+)\}/g;

/** `${d0.3}`, `${d0.first}` and `${d0.last}` as numbers of blocks; undefined for another part. */
function blockOfPart(part: string, { addr, sizeBytes }: DimmPlace, blockSizeBytes: number): number | undefined {
  const first = Math.floor(addr / blockSizeBytes);
  if (part === "first") return first;
  if (part === "last") return first + Math.max(1, Math.floor(sizeBytes / blockSizeBytes)) - 1;
  return /^\d+$/.test(part) ? first + Number(part) : undefined;
}

/** The same in a text for people: what nobody knows there stays as it was written. */
export function withKnownBlocks(text: string, dimms: ReadonlyMap<string, DimmPlace>, blockSizeBytes: number): string {
  return text.replace(REFERENCE, (whole, id: string, part: string) => {
    const place = dimms.get(id);
    const block = place === undefined ? undefined : blockOfPart(part, place, blockSizeBytes);
    return block === undefined ? whole : String(block);
  });
}

/**
 * Replaces `${d0.3}`, `${d0.first}`, `${d0.last}`, `${d0.pfn}`, `${d0.addr}` in a text.
 * @param pageSize bytes of a page
 */
export function resolveReferences(
  text: string,
  dimms: ReadonlyMap<string, DimmPlace>,
  blockSizeBytes: number,
  pageSize: number,
): string {
  return text.replace(REFERENCE, (whole, id: string, part: string) => {
    const dimm = dimms.get(id);
    if (dimm === undefined)
      throw new DimmReferenceError(
        `${whole}: no DIMM ${JSON.stringify(id)} was plugged in (known: ${[...dimms.keys()].join(", ") || "none"})`,
      );
    if (part === "pfn") return `0x${(dimm.addr / pageSize).toString(16)}`;
    if (part === "addr") return `0x${dimm.addr.toString(16)}`;
    const block = blockOfPart(part, dimm, blockSizeBytes);
    if (block !== undefined) return String(block);
    throw new DimmReferenceError(
      `${whole}: ${JSON.stringify(part)} is no part of a DIMM (allowed: a block's number in it, first, last, pfn, addr)`,
    );
  });
}

/** The same for every text inside a request. */
export function resolveRequest<T>(value: T, resolve: (text: string) => string): T {
  if (typeof value === "string") return resolve(value) as T;
  if (Array.isArray(value)) return value.map((item) => resolveRequest(item as unknown, resolve)) as T;
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, resolveRequest(item as unknown, resolve)]),
    ) as T;
  }
  return value;
}
