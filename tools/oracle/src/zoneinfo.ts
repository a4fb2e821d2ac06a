/** One zone as /proc/zoneinfo prints it; an empty zone of 6.x has no `start_pfn`. */
export interface ZoneNumbers {
  readonly free?: number;
  readonly boost?: number;
  readonly min?: number;
  readonly low?: number;
  readonly high?: number;
  readonly spanned: number;
  readonly present: number;
  readonly managed: number;
  readonly start_pfn?: number;
}

export type ZonesByNode = Readonly<Record<string, Readonly<Record<string, ZoneNumbers>>>>;

const fields = ["free", "boost", "min", "low", "high", "spanned", "present", "managed"] as const;

/** Reads /proc/zoneinfo: zones by node and name, in the order in which they are printed. */
export function parseZoneinfo(text: string): ZonesByNode {
  const nodes: Record<string, Record<string, ZoneNumbers>> = {};
  for (const section of text.split(/^(?=Node \d+, zone)/m)) {
    const head = /^Node (\d+), zone\s+(\S+)/.exec(section);
    if (head === null) continue;
    const [, node = "", zone = ""] = head;
    // The per-cpu pagesets behind it have a `high` of their own.
    const pages = section.slice(section.indexOf("pages free"), section.search(/^\s*(?:pagesets|start_pfn:)/m) >>> 0);
    const numbers = fields.flatMap((field) => {
      const found = new RegExp(`\\b${field}\\s+(\\d+)$`, "m").exec(pages);
      return found === null ? [] : [[field, Number(found[1])] as const];
    });
    const start = /^\s*start_pfn:\s+(\d+)$/m.exec(section);
    (nodes[node] ??= {})[zone] = {
      ...(Object.fromEntries(numbers) as unknown as ZoneNumbers),
      ...(start === null ? {} : { start_pfn: Number(start[1]) }),
    };
  }
  return nodes;
}
