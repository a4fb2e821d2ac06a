import type { InspectionMessage } from "../packed-messages.ts";
import type { StatelyMessage } from "./stately-message.ts";

/** Somebody who watches. */
export interface InspectionSink {
  take(message: InspectionMessage): void;
}

/** Passes every message on as text, as `createWebSocketReceiver` of @statelyai/inspect reads it. */
export function textSink(send: (text: string) => void): InspectionSink {
  return { take: ({ text }) => send(text) };
}

/** Anything made by the `create…Inspector` functions of @statelyai/inspect. */
export interface StatelyInspector {
  readonly adapter: { send(event: StatelyMessage): void };
}

/** Passes every message to the adapter of an official inspector. */
export function inspectorSink({ adapter }: StatelyInspector): InspectionSink {
  return { take: ({ text }) => adapter.send(parse(text)) };
}

/** A sink that keeps what it is given. */
export interface RecordingSink extends InspectionSink {
  readonly messages: readonly InspectionMessage[];
  events(): StatelyMessage[];
  /** One message per line. */
  toJsonLines(): string;
}

/** Keeps everything. */
export function createRecordingSink(): RecordingSink {
  const messages: InspectionMessage[] = [];
  return {
    messages,
    take: (message) => void messages.push(message),
    events: () => messages.map(({ text }) => parse(text)),
    toJsonLines: () => messages.map(({ text }) => `${text}\n`).join(""),
  };
}

function parse(text: string): StatelyMessage {
  return JSON.parse(text) as StatelyMessage;
}
