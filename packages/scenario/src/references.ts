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
  return text.replace(/\$\{([^}]+)\.([^}.]+)\}/g, (whole, id: string, field: string) => {
    const dimm = dimms.get(id);
    if (dimm === undefined)
      throw new DimmReferenceError(
        `${whole}: no DIMM ${JSON.stringify(id)} was plugged in (known: ${[...dimms.keys()].join(", ") || "none"})`,
      );
    const first = Math.floor(dimm.addr / blockSizeBytes);
    const count = Math.max(1, Math.floor(dimm.sizeBytes / blockSizeBytes));
    if (field === "first") return String(first);
    if (field === "last") return String(first + count - 1);
    if (field === "pfn") return `0x${(dimm.addr / pageSize).toString(16)}`;
    if (field === "addr") return `0x${dimm.addr.toString(16)}`;
    if (/^\d+$/.test(field)) return String(first + Number(field));
    throw new DimmReferenceError(
      `${whole}: ${JSON.stringify(field)} is no part of a DIMM (allowed: a block's number in it, first, last, pfn, addr)`,
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
