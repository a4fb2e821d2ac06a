type Json = Readonly<Record<string, unknown>>;

/** Variables that every uevent carries. */
const everyUevent: ReadonlySet<string> = new Set(["ACTION", "DEVPATH", "SUBSYSTEM", "SEQNUM"]);

/** A message of the kernel's uevent socket, in the shape of a trace: one text for memory and nodes, else with its variables. */
export function ueventOf(message: string): unknown {
  const [head = "", ...pairs] = message.split("\0").filter((part) => part !== "");
  const variables = new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
  const subsystem = variables.get("SUBSYSTEM") ?? "";
  const own = [...variables].filter(([name]) => !everyUevent.has(name));
  if ((subsystem === "memory" || subsystem === "node") && own.length === 0) return head;
  return { uevent: head, SUBSYSTEM: subsystem, ...Object.fromEntries(own) };
}

/** A line of the kernel's log: a call that the recording module saw, or text. */
export type LogRecord = { readonly notification: Json } | { readonly text: string };

/**
 * Reads a record of /dev/kmsg: `priority,sequence,microseconds,flags;text`, then lines of variables.
 * @returns undefined for what is not the kernel's own.
 */
export function logRecordOf(record: string): LogRecord | undefined {
  const match = /^(\d+),[^;]*;([^\n]*)/.exec(record);
  // Facility 0 is the kernel; programs that write to the log have others.
  if (match === null || Number(match[1]) >> 3 !== 0) return undefined;
  const text = match[2] ?? "";
  const notification = notificationOf(text);
  return notification === undefined ? { text } : { notification };
}

/** What agent/memlog/memlog.c prints: all fields of `early`, the mere call of `late`. */
function notificationOf(text: string): Json | undefined {
  const late = /^memlog: late ((?:MEM|NODE)_\w+)$/.exec(text);
  if (late !== null) return { notifier: "late", action: late[1] };
  const early = /^memlog: early (MEM_\w+) (\d+) (\d+) (-?\d+) (-?\d+)$/.exec(text);
  if (early === null) return notificationOfNodes(text);
  const [start_pfn, nr_pages, status_change_nid_normal, status_change_nid] = early.slice(2).map(Number);
  return { notifier: "early", action: early[1], start_pfn, nr_pages, status_change_nid_normal, status_change_nid };
}

/** Kernels with a chain of their own for nodes (since 6.17): that of memory tells no node numbers any more. */
function notificationOfNodes(text: string): Json | undefined {
  const node = /^memlog: early (NODE_\w+) (-?\d+)$/.exec(text);
  if (node !== null) return { notifier: "early", action: node[1], nid: Number(node[2]) };
  const memory = /^memlog: early (MEM_\w+) (\d+) (\d+)$/.exec(text);
  if (memory === null) return undefined;
  return { notifier: "early", action: memory[1], start_pfn: Number(memory[2]), nr_pages: Number(memory[3]) };
}
