/** The page that the kernel names when it does not take a block offline. */
export interface Offender {
  /** Hexadecimal. */
  readonly pfn: string;
  /** `unmovable page`, `migration failure`. */
  readonly why: string;
  /** The kernel's own words for the page. */
  readonly flags?: string;
  readonly page_type?: string;
}

/** Reads the first page that the lines of an offline dump (mm/debug.c: dump_page). */
export function offenderOf(kernelLog: readonly string[]): Offender | undefined {
  let page: { pfn: string; flags?: string; page_type?: string } | undefined;
  for (const line of kernelLog) {
    const pfn = /^page: ?.*\bpfn:0x([0-9a-f]+)/.exec(line)?.[1];
    if (pfn !== undefined) page = { pfn };
    if (page === undefined) continue;
    const flags = /^(?:\w+ )?flags: (.*)$/.exec(line)?.[1];
    if (flags !== undefined) page.flags ??= flags;
    const type = /^page_type: (.*)$/.exec(line)?.[1];
    if (type !== undefined) page.page_type ??= type;
    const why = /^page dumped because: (.*)$/.exec(line)?.[1];
    if (why !== undefined) return { ...page, why };
  }
  return undefined;
}
