import { type EventColumns, EventKind } from "@memhp/hotplug";
import type { StepEvents } from "./step-events.ts";
import { eventField, isNotification, isUevent } from "./step-recorder.ts";

const FIELDS = ["status_change_nid_normal", "status_change_nid_high", "status_change_nid"];

/**
 * The uevents or notifications of a step as JSON, each as `JSON.stringify(field, undefined, 2)` prints it, with lines but its
 * first `indent` further in. Those that bulk work makes many of are written from their numbers.
 */
export class EventText {
  readonly #line: string;
  readonly #uevents = new Map<string, string>();
  readonly #late = new Map<string, string>();
  readonly #early = new Map<string, string>();

  constructor(indent: string) {
    this.#line = `\n${indent}`;
  }

  each(events: StepEvents, name: "uevents" | "notifications", use: (text: string) => void): void {
    const isChosen = name === "uevents" ? isUevent : isNotification;
    events.each((columns, i) => {
      if (isChosen(columns, i)) use(this.#text(columns, i, name));
    });
  }

  #text(columns: EventColumns, i: number, name: "uevents" | "notifications"): string {
    const kind = columns.kind[i];
    if (kind === EventKind.memoryUevent) return this.#uevent(columns.text(i, 0)) + `${columns.field(i, 1)}"`;
    if (kind === EventKind.notifier) return this.#notifier(columns, i);
    return JSON.stringify(eventField(columns, i, name), undefined, 2).replaceAll("\n", this.#line);
  }

  #uevent(action: string): string {
    return remembered(this.#uevents, action, () =>
      JSON.stringify(`${action}@/devices/system/memory/memory`).slice(0, -1),
    );
  }

  #notifier(columns: EventColumns, i: number): string {
    const action = columns.text(i, 1);
    const between = `,${this.#line}  `;
    if (columns.text(i, 0) === "late")
      return remembered(this.#late, action, () => `${this.#head("late", action)}${this.#line}}`);
    let text = remembered(this.#early, action, () => `${this.#head("early", action)}${between}"start_pfn": `);
    text += `${columns.field(i, 3)}${between}"nr_pages": ${columns.field(i, 4)}`;
    for (const [at, name] of FIELDS.entries()) {
      const node = columns.field(i, 5 + at);
      if (!Number.isNaN(node)) text += `${between}"${name}": ${node}`;
    }
    return `${text}${this.#line}}`;
  }

  #head(notifier: string, action: string): string {
    const between = `${this.#line}  `;
    return `{${between}"notifier": ${JSON.stringify(notifier)},${between}"action": ${JSON.stringify(action)}`;
  }
}

function remembered(texts: Map<string, string>, key: string, make: () => string): string {
  let text = texts.get(key);
  if (text === undefined) texts.set(key, (text = make()));
  return text;
}
