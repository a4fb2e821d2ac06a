import { notifierToErrno, type Refusal, refusalSentences, type SimEvent } from "@memhp/abi";
import { isOstFailure } from "@memhp/acpi";
import type { Entry } from "./entry.ts";
import { type Episode, groupEvents, type LooseEvent, type TimelineItem } from "./episodes.ts";
import { timeText } from "./layout.ts";
import { briefList, ueventTexts } from "./uevents.ts";
import { acpiNotifyText, machineText, migrateTexts, notifierText, ostText, pagesText } from "./words.ts";
import type { ZoneLedger } from "./zone-ledger.ts";

type EventOf<Type extends SimEvent["type"]> = Extract<SimEvent, { type: Type }>;

/** What was told before in the same timeline, and need not be told again. */
export interface Memory {
  readonly zones: ZoneLedger;
  /** Rules and remedies, with the step that explained them. */
  readonly explained: Map<string, number>;
  /** The step that is being told. */
  step: number;
}

/** The events of one step as entries, what repeats itself told once. */
export function entriesOf(events: readonly SimEvent[], memory: Memory): Entry[] {
  return joinLoose(groupEvents(events)).flatMap((item) => {
    if (Array.isArray(item)) return looseEntries(item, memory);
    const [only] = item.episodes;
    return item.episodes.length === 1 && only !== undefined
      ? episodeEntries(only, memory)
      : repeatedEntries(item.episodes, memory);
  });
}

/** Loose events that follow one another become one list, so that uevents can be put together. */
function joinLoose(items: readonly TimelineItem[]): (Exclude<TimelineItem, LooseEvent> | SimEvent[])[] {
  const joined: (Exclude<TimelineItem, LooseEvent> | SimEvent[])[] = [];
  for (const item of items) {
    const last = joined.at(-1);
    if (item.kind !== "loose") joined.push(item);
    else if (Array.isArray(last)) last.push(item.event);
    else joined.push([item.event]);
  }
  return joined;
}

function looseEntries(events: readonly SimEvent[], memory: Memory): Entry[] {
  return runsOf(events, (event) => event.type).flatMap((run) => {
    const [first] = run;
    if (first === undefined) return [];
    const { atNs } = first;
    const at = (entries: readonly Entry[]): Entry[] =>
      entries.map((entry, i) => (i === 0 ? { ...entry, atNs } : entry));
    if (first.type === "uevent") return at(told("kernel", run, memory));
    return run.flatMap((event) => {
      switch (event.type) {
        case "acpi_notify":
          return [{ ...plain("firmware", acpiNotifyText(event)), atNs: event.atNs }];
        case "acpi_ost":
          return [{ atNs: event.atNs, subject: "firmware", text: ostText(event), tone: ostTone(event) }];
        case "device_deleted":
        case "unplug_refused":
        case "memory_size_change":
        case "balloon_change":
        case "reset":
          return [{ ...plain("machine", machineText(event)), atNs: event.atNs }];
        case "load":
          return loadEntries(event);
        case "refusal":
          return refusalEntries(event.refusal, memory, event.atNs);
        default:
          return told("kernel", [event], memory).map((entry) => ({ ...entry, atNs: event.atNs }));
      }
    });
  });
}

/** A load that begins is told by its step; one that ends may do so by itself, or by the OOM killer. */
function loadEntries({ atNs, id, change, pages }: EventOf<"load">): Entry[] {
  if (change === "started") return [];
  const how = change === "killed" ? "was ended by the OOM killer" : "has ended";
  const text = `${id} ${how}, ${pagesText(pages)} freed`;
  return [{ atNs, subject: "load", text, tone: change === "killed" ? "bad" : "plain" }];
}

function ostTone({ source, status }: EventOf<"acpi_ost">): Entry["tone"] {
  if (status === 0) return "good";
  return isOstFailure(source, status) ? "bad" : "plain";
}

/** One block's way from rest to rest, child state by child state. */
function episodeEntries({ block, events }: Episode, memory: Memory): Entry[] {
  const entries: Entry[] = [];
  const refusals: EventOf<"refusal">[] = [];
  /** Child states in which nothing was heard. */
  let silent: { readonly atNs: number; readonly names: string[] } | undefined;
  let state = "";
  let heard: SimEvent[] = [];
  const close = (): void => {
    const lines = told(state, heard, memory);
    if (lines.length > 0) {
      breakSilence();
      entries.push(
        ...lines.map((entry, i) =>
          i === 0 ? { ...entry, atNs: (heard[0] as SimEvent).atNs } : { ...entry, subject: "" },
        ),
      );
    } else if (state !== "") {
      const atNs = heard[0]?.atNs ?? enteredNs;
      silent ??= { atNs, names: [] };
      silent.names.push(state);
    }
    heard = [];
  };
  const breakSilence = (): void => {
    if (silent === undefined) return;
    const names = silent.names.join(", ");
    const last = entries.at(-1);
    // States that passed without a word right at the start need no line of their own.
    if (entries.length === 1 && last?.tone === "strong") entries[0] = { ...last, text: `${last.text}: ${names}` };
    else entries.push({ atNs: silent.atNs, subject: "", text: names, tone: "faint" });
    silent = undefined;
  };
  let enteredNs = 0;
  for (const event of events) {
    if (event.type === "refusal") {
      refusals.push(event);
    } else if (event.type === "block") {
      close();
      const [parent = "", child] = event.to.split(".");
      const [was = ""] = event.from.split(".");
      if (parent !== was) {
        breakSilence();
        entries.push({ atNs: event.atNs, subject: `block ${block}`, text: `${was} → ${parent}`, tone: "strong" });
      }
      state = child ?? "";
      enteredNs = event.atNs;
    } else {
      heard.push(event);
    }
  }
  close();
  breakSilence();
  return [...entries, ...refusals.flatMap(({ refusal }) => refusalEntries(refusal, memory))];
}

/** The same for blocks to which the same happened, one after another. */
function repeatedEntries(episodes: readonly Episode[], memory: Memory): Entry[] {
  const [first] = episodes;
  if (first === undefined) return [];
  const events = episodes.flatMap((episode) => episode.events);
  const distinct = new Set(episodes.map(({ block }) => block));
  const blocks = briefList([...distinct]);
  const path = runsOf(
    first.events.flatMap((event) => (event.type === "block" ? [event.from.split(".")[0], event.to.split(".")[0]] : [])),
    (state) => state ?? "",
  ).map(([state]) => state);
  const calls = first.events.filter((event) => event.type === "notifier");
  const refusal = events.find((event) => event.type === "refusal");
  const subject = distinct.size === 1 ? `block ${blocks}` : "blocks";
  const untilNs = events.reduce((latest, { atNs }) => Math.max(latest, atNs), 0);
  const times = episodes.length === distinct.size ? "" : `, ${episodes.length} times`;
  const headline = `${distinct.size === 1 ? "" : `${blocks}: `}${path.join(" → ")}${times}, until ${timeText(untilNs)}`;
  return [
    { atNs: events[0]?.atNs ?? 0, subject, text: headline, tone: "strong" },
    ...runsOf(calls, (call) => call.action).map((run): Entry => plain("", `each: ${notifierText(run)}`)),
    ...migrateTexts(events.filter((event) => event.type === "migrate")).map((text) => plain("", text)),
    ...memory.zones.take(events.filter((event) => event.type === "zone")).map((text) => plain("", text)),
    ...ueventTexts(events.filter((event) => event.type === "uevent")).map((text) => plain("", `uevent ${text}`)),
    ...(refusal === undefined ? [] : refusalEntries(refusal.refusal, memory)),
  ];
}

function plain(subject: string, text: string): Entry {
  return { subject, text, tone: "plain" };
}

/** Lines for what was heard in one state: calls of one action, and uevents of one kind, together. */
function told(subject: string, events: readonly SimEvent[], memory: Memory): Entry[] {
  return runsOf(withLogLast(events), (event) => (isCall(event) ? event.action : event.type)).flatMap((run): Entry[] => {
    const [first] = run;
    switch (first?.type) {
      case "notifier":
      case "node_notifier": {
        const calls = run.filter(isCall);
        const vetoed = calls.some(({ ret }) => notifierToErrno(ret) !== 0);
        return [{ subject, text: notifierText(calls), tone: vetoed ? "bad" : "plain" }];
      }
      case "uevent":
        return ueventTexts(run.filter((event) => event.type === "uevent")).map((text) =>
          plain(subject, `uevent ${text}`),
        );
      case "zone":
        return memory.zones.take(run.filter((event) => event.type === "zone")).map((text) => plain(subject, text));
      case "migrate": {
        return migrateTexts(run.filter((event) => event.type === "migrate")).map((text) => plain(subject, text));
      }
      case "log":
        return run.flatMap((event) =>
          event.type === "log" ? [{ subject, text: `log "${event.text}"`, tone: "faint" as const }] : [],
        );
      default:
        return [];
    }
  });
}

function isCall(event: SimEvent): event is EventOf<"notifier" | "node_notifier"> {
  return event.type === "notifier" || event.type === "node_notifier";
}

/** A log line between two calls of one action would tear them apart. */
function withLogLast(events: readonly SimEvent[]): SimEvent[] {
  return [...events.filter((event) => event.type !== "log"), ...events.filter((event) => event.type === "log")];
}

/** Why the kernel refused, in sentences; rule and remedy once. */
function refusalEntries(refusal: Refusal, { explained, step }: Memory, atNs?: number): Entry[] {
  const [what, rule, help] = refusalSentences(refusal);
  const headline: Entry = { subject: "refused", text: what, tone: "bad" };
  const first = atNs === undefined ? headline : { ...headline, atNs };
  const key = `${refusal.rule}\n${refusal.remedy.join("\n")}`;
  const before = explained.get(key);
  explained.set(key, before ?? step);
  if (before === undefined) return [first, plain("", rule), plain("", help)];
  const answer = `${refusal.errno} (${refusal.code})`;
  return [
    first,
    { ...plain("", before === step ? `${answer} again` : `${answer}, as in step ${before}`), tone: "faint" },
  ];
}

/** Cuts a list where the key changes. */
function runsOf<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const runs: T[][] = [];
  let key: string | undefined;
  for (const item of items) {
    const next = keyOf(item);
    if (next === key) runs.at(-1)?.push(item);
    else runs.push([item]);
    key = next;
  }
  return runs;
}
