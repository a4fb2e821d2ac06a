import { errnoText, formatNumberList, formatSize, notifierToErrno, refusalSentences, type SimEvent } from "@memhp/abi";
import { eventWords, isOstFailure, ostWords } from "@memhp/acpi";
import type { Sequence, SequenceLane, SequenceMessage } from "@memhp/diagram";

const lanes: readonly SequenceLane[] = [
  { id: "monitor", title: "monitor (QMP)" },
  { id: "firmware", title: "firmware" },
  { id: "kernel", title: "kernel" },
  { id: "notifier", title: "notifier chain" },
  { id: "user", title: "udev and programs" },
];

/** More rows than anybody reads. */
const MOST_MESSAGES = 300;
/** Block numbers that a text tells. */
const MOST_CHARS = 60;

type Of<Type extends SimEvent["type"]> = Extract<SimEvent, { type: Type }>;
/** What a sequence tells. */
type Told = Exclude<SimEvent, Of<"zone" | "load" | "log">>;

/** Neighbouring events that are told as one: what many blocks do alike, and a walk of the chain. */
interface Group {
  readonly first: Told;
  readonly all: SimEvent[];
  readonly key: string;
}

/**
 * Who spoke to whom: firmware, kernel, notifier chain, udev and programs, the hypervisor's monitor. A reader of the event stream. Numbers
 * of zones, loads and the kernel's log are left out, and lanes in which nothing happens.
 */
export class EventSequence {
  readonly #groups: Group[] = [];
  #more = 0;

  /** The next event of the stream. */
  add(event: SimEvent): void {
    if (event.type === "zone" || event.type === "load" || event.type === "log") return;
    const key = keyOf(event);
    const last = this.#groups.at(-1);
    if (last?.key === key) last.all.push(event);
    else if (this.#groups.length === MOST_MESSAGES) this.#more += 1;
    else this.#groups.push({ first: event, all: [event], key });
  }

  /** What was added, for `sequenceSvg` of `@memhp/diagram`; what is behind its first 300 messages is counted. */
  finish(title: string): Sequence {
    const messages = this.#groups.map(messageOf);
    const used = new Set(["kernel", ...messages.flatMap(({ from, to }) => [from, to])]);
    const more = this.#more === 0 ? {} : { more: this.#more };
    return { title, lanes: lanes.filter(({ id }) => used.has(id)), messages, ...more };
  }
}

/** Events of one key that stand together are one message. */
function keyOf(event: Told): string {
  const { type } = event;
  if (type === "block") return `${type} ${event.from} ${event.to}`;
  if (type === "uevent") {
    const [, stem = event.devpath] = /^(.*\/[a-z]+)\d+$/.exec(event.devpath) ?? [];
    return `${type} ${event.action} ${stem} ${JSON.stringify(event.env ?? {})}`;
  }
  if (type === "notifier" || type === "node_notifier")
    return `${type} ${event.action} ${notifierToErrno(event.ret) === 0 ? "" : event.seq}`;
  if (type === "migrate") return `${type} ${event.block} ${event.targetNode}`;
  return `${type} ${event.atNs} ${event.node} ${event.seq}`;
}

function messageOf({ first, all }: Group): SequenceMessage {
  const at = timeText(first.atNs);
  switch (first.type) {
    case "acpi_notify":
      return {
        at,
        from: "firmware",
        to: "kernel",
        text: `${eventWords(first.value)}: ${first.device}`,
      };
    case "acpi_ost":
      return {
        at,
        from: "kernel",
        to: "firmware",
        text: `_OST ${first.device ?? `slot ${first.slot}`}: ${ostWords(first.source, first.status)}`,
        isTrouble: isOstFailure(first.source, first.status),
      };
    case "device_deleted":
      return { at, from: "firmware", to: "monitor", text: `DEVICE_DELETED ${first.device}` };
    case "unplug_refused":
      return { at, from: "firmware", to: "monitor", text: `${first.device} is not given back`, isTrouble: true };
    case "memory_size_change":
      return { at, from: "kernel", to: "monitor", text: `${first.device}: ${formatSize(first.sizeBytes)} plugged` };
    case "balloon_change":
      return { at, from: "kernel", to: "monitor", text: `${first.device} leaves ${formatSize(first.actualBytes)}` };
    case "reset":
      return { at, from: "monitor", to: "kernel", text: "the guest is reset" };
    case "block": {
      const blocks = blockList((all as Of<"block">[]).map(({ block }) => block));
      return {
        at,
        from: "kernel",
        to: "kernel",
        text: `${blocks}: ${first.to.slice(first.to.lastIndexOf(".") + 1)}`,
        details: `${blocks}: ${first.from} → ${first.to}`,
      };
    }
    case "notifier":
    case "node_notifier":
      return chainMessage(first, all as (Of<"notifier"> | Of<"node_notifier">)[], at);
    case "uevent":
      return { at, from: "kernel", to: "user", text: ueventText(first, all as Of<"uevent">[]) };
    case "migrate": {
      const pages = (all as Of<"migrate">[]).reduce((sum, move) => sum + move.pages, 0);
      return { at, from: "kernel", to: "kernel", text: `${pages} pages to node ${first.targetNode}` };
    }
    case "refusal": {
      const { errno, code } = first.refusal;
      return {
        at,
        from: "kernel",
        to: "user",
        text: `${errno} ${code}`,
        details: refusalSentences(first.refusal).join(" "),
        isTrouble: true,
      };
    }
    default: {
      const { path, data, errno, ret } = first;
      const answer = errno === 0 ? `${ret} bytes` : `${errno} (${errnoText(errno)})`;
      const text = `${data.trimEnd()} > ${shortPath(path)}: ${answer}`;
      return { at, from: "kernel", to: "user", text, details: `write(${path}): ${answer}`, isTrouble: errno !== 0 };
    }
  }
}

/** A callback that refuses answers; of the others only that they were asked is told. */
function chainMessage(
  first: Of<"notifier"> | Of<"node_notifier">,
  all: readonly (Of<"notifier"> | Of<"node_notifier">)[],
  at: string,
): SequenceMessage {
  const errno = notifierToErrno(first.ret);
  if (errno !== 0)
    return { at, from: "notifier", to: "kernel", text: `${first.name}: ${errno} to ${first.action}`, isTrouble: true };
  const names = [...new Set(all.map(({ name }) => name))].join(", ");
  const range = first.type === "notifier" ? `, pfn 0x${first.startPfn.toString(16)}` : "";
  return { at, from: "kernel", to: "notifier", text: first.action, details: `${first.action} to ${names}${range}` };
}

function ueventText({ action, devpath, env = {} }: Of<"uevent">, all: readonly Of<"uevent">[]): string {
  const numbers = all.flatMap((each) => /(\d+)$/.exec(each.devpath)?.[1] ?? []).map(Number);
  const name = shortPath(devpath);
  const variables = Object.entries(env).map(([key, value]) => ` ${key}=${value}`);
  const what = all.length === 1 ? name : `${name.replace(/\d+$/, "")}${brief(formatNumberList(numbers))}`;
  return `${action}@${what}${variables.join("")}`;
}

function blockList(blocks: readonly number[]): string {
  return `memory${brief(formatNumberList(blocks))}`;
}

function brief(list: string): string {
  return list.length <= MOST_CHARS ? list : `${list.slice(0, list.lastIndexOf(",", MOST_CHARS))}, …`;
}

/** `/sys/devices/system/memory/memory32/state` is `memory32/state`. */
function shortPath(path: string): string {
  return path.replace(/^(?:\/sys)?\/devices\/system\/(?:memory|node|container)\//, "");
}

/** Simulated time: `1.204 ms`. */
function timeText(ns: number): string {
  return ns >= 1e9 ? `${(ns / 1e9).toFixed(4)} s` : `${(ns / 1e6).toFixed(3)} ms`;
}
