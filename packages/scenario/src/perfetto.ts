import type { SimEvent } from "@memhp/abi";

/** An entry of the Trace Event Format, which Perfetto's UI and trace processor read. Times are microseconds. */
export interface TraceEvent {
  readonly ph: "M" | "X" | "i" | "C" | "s" | "t" | "f";
  readonly name: string;
  readonly cat?: string;
  readonly pid: number;
  readonly tid?: number;
  /** Microseconds of simulated time. */
  readonly ts?: number;
  /** Microseconds of simulated time. */
  readonly dur?: number;
  readonly id?: number;
  readonly s?: "t" | "p";
  readonly bp?: "e";
  readonly args?: Readonly<Record<string, unknown>>;
}

/** The machine's own process; node N is process N + 2. */
const MACHINE_PID = 1;
/** Threads of the machine's process, and the one of each node's. */
const threads = {
  firmware: { tid: 1, name: "firmware" },
  uevents: { tid: 2, name: "uevents" },
  log: { tid: 3, name: "kernel log and refusals" },
  notifier: { tid: 1, name: "notifier chain" },
} as const;
const FIRST_BLOCK_TID = 100;

const pidOf = (node: number): number => (node < 0 ? MACHINE_PID : node + 2);
const micros = (atNs: number): number => atNs / 1000;

/**
 * A reader of the event stream that makes a Perfetto trace: one track for each block with its
 * states as slices, counters for each zone, one track for the notifier chain of each node, and
 * flows from firmware through blocks to notifiers.
 */
export class PerfettoTrace {
  readonly #events: TraceEvent[] = [];
  readonly #named = new Set<string>();
  /** State of each block and since when; transit states become slices when they end. */
  readonly #open = new Map<number, { state: string; sinceNs: number; node: number }>();
  #flows = 0;
  /** Flow of the firmware notify under way, until the next one. */
  #firmwareFlow: number | undefined;
  #lastNs = 0;

  add(event: SimEvent): void {
    this.#lastNs = Math.max(this.#lastNs, event.atNs);
    const pid = pidOf(event.node);
    this.#nameProcess(pid, event.node);
    switch (event.type) {
      case "block":
        this.#block(event);
        break;
      case "node_notifier":
        this.#instant(event, "notifier", `${event.action} ${event.name}`, { ret: event.ret, nid: event.nid });
        break;
      case "notifier":
        this.#instant(event, "notifier", `${event.action} ${event.name}`, {
          ret: event.ret,
          start_pfn: event.startPfn,
          nr_pages: event.nrPages,
        });
        this.#step(event, threads.notifier.tid);
        break;
      case "zone":
        this.#events.push({
          ph: "C",
          name: `zone ${event.zone}`,
          pid,
          ts: micros(event.atNs),
          args: { present: event.presentPages, spanned: event.spannedPages },
        });
        break;
      case "acpi_notify": {
        const { tid, name } = threads.firmware;
        this.#nameThread(pid, tid, name);
        this.#firmwareFlow = ++this.#flows;
        this.#slice(pid, tid, `notify ${event.device} 0x${event.value.toString(16)}`, event.atNs, 1000);
        this.#flow("s", event, tid, this.#firmwareFlow);
        break;
      }
      case "acpi_ost":
        this.#instant(event, "firmware", `_OST ${event.slot === undefined ? event.device : `slot ${event.slot}`}`, {
          source: event.source,
          status: event.status,
        });
        break;
      case "device_deleted":
        this.#instant(event, "firmware", `${event.device} deleted`);
        break;
      case "unplug_refused":
        this.#instant(event, "firmware", `${event.device} stays`);
        break;
      case "memory_size_change":
        this.#instant(event, "firmware", `${event.device} has another size`, { size: event.sizeBytes });
        break;
      case "reset":
        this.#instant(event, "firmware", "the guest is reset");
        break;
      case "balloon_change":
        this.#instant(event, "firmware", `${event.device} leaves another size`, { actual: event.actualBytes });
        break;
      case "uevent":
        this.#instant(event, "uevents", `${event.action}@${event.devpath}`);
        break;
      case "refusal":
        this.#instant(event, "log", `${event.refusal.errno} ${event.refusal.code}`, { ...event.refusal });
        break;
      case "log":
        this.#instant(event, "log", event.text);
        break;
      case "migrate":
        this.#instant(event, "log", event.type, { block: event.block, pages: event.pages, to_node: event.targetNode });
        break;
      case "load":
        this.#instant(event, "log", `load ${event.id} ${event.change}`, { kind: event.kind, pages: event.pages });
        break;
      case "file_write":
        this.#instant(event, "log", event.type);
        break;
    }
  }

  /** The whole trace, with slices for the states that blocks are in at the end. */
  finish(): { readonly traceEvents: readonly TraceEvent[]; readonly displayTimeUnit: "ns" } {
    for (const [block, { state, sinceNs, node }] of this.#open)
      this.#slice(pidOf(node), FIRST_BLOCK_TID + block, state, sinceNs, Math.max(1, this.#lastNs - sinceNs));
    this.#open.clear();
    return { traceEvents: this.#events, displayTimeUnit: "ns" };
  }

  #block(event: SimEvent & { type: "block" }): void {
    const { block, node, atNs, from, to } = event;
    const tid = FIRST_BLOCK_TID + block;
    this.#nameThread(pidOf(node), tid, `memory${block}`);
    const open = this.#open.get(block) ?? { state: from, sinceNs: 0, node };
    this.#slice(pidOf(node), tid, open.state, open.sinceNs, atNs - open.sinceNs);
    this.#open.set(block, { state: to, sinceNs: atNs, node });
    this.#step(event, tid);
  }

  /** Continues the flow that firmware began. */
  #step(event: SimEvent, tid: number): void {
    if (this.#firmwareFlow !== undefined) this.#flow("t", event, tid, this.#firmwareFlow);
  }

  #flow(ph: "s" | "t", { node, atNs }: SimEvent, tid: number, id: number): void {
    this.#events.push({ ph, name: "hotplug", cat: "hotplug", id, pid: pidOf(node), tid, ts: micros(atNs) });
  }

  #slice(pid: number, tid: number, name: string, sinceNs: number, durationNs: number): void {
    if (durationNs > 0) this.#events.push({ ph: "X", name, pid, tid, ts: micros(sinceNs), dur: micros(durationNs) });
  }

  #instant({ node, atNs }: SimEvent, thread: keyof typeof threads, name: string, args: TraceEvent["args"] = {}): void {
    const pid = pidOf(node);
    const { tid, name: threadName } = threads[thread];
    this.#nameThread(pid, tid, threadName);
    this.#events.push({ ph: "i", s: "t", name, pid, tid, ts: micros(atNs), args });
  }

  #nameProcess(pid: number, node: number): void {
    this.#once(`${pid}`, { ph: "M", name: "process_name", pid, args: { name: node < 0 ? "machine" : `node ${node}` } });
  }

  #nameThread(pid: number, tid: number, name: string): void {
    this.#once(`${pid}.${tid}`, { ph: "M", name: "thread_name", pid, tid, args: { name } });
  }

  #once(key: string, event: TraceEvent): void {
    if (this.#named.has(key)) return;
    this.#named.add(key);
    this.#events.push(event);
  }
}
