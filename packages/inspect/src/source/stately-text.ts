import { boundedJson } from "./bounded-json.ts";
import type { InspectedActor } from "./inspected-actor.ts";

/**
 * The version of @statelyai/inspect whose messages these are. Its receivers take nothing without it, and it exports it
 * nowhere; a test compares.
 */
export const STATELY_VERSION = "0.7.2";

/** The fields that all messages of an actor have. */
export function commonFields(sessionId: string, rootId: string): string {
  return `"sessionId":${JSON.stringify(sessionId)},"rootId":${JSON.stringify(rootId)},"_version":"${STATELY_VERSION}","id":null`;
}

export interface Introduction {
  readonly name: string;
  readonly parentId?: string;
  /** The machine's config as JSON, or a stand-in. */
  readonly definition: string;
  /** The state in which it is, as JSON. */
  readonly snapshot: string;
}

export function actorFields({ name, parentId, definition, snapshot }: Introduction): string {
  const parent = parentId === undefined ? "" : `,"parentId":${JSON.stringify(parentId)}`;
  return `"type":"@xstate.actor","name":${JSON.stringify(name)},"definition":${JSON.stringify(definition)}${parent},"snapshot":${snapshot}`;
}

export function eventFields(event: string, sourceId: string | undefined): string {
  const source = sourceId === undefined ? "" : `,"sourceId":${JSON.stringify(sourceId)}`;
  return `"type":"@xstate.event","event":${event}${source}`;
}

export function snapshotFields(event: string, snapshot: string): string {
  return `"type":"@xstate.snapshot","event":${event},"snapshot":${snapshot}`;
}

const definitions = new WeakMap<object, string>();

/** A machine's config, with its functions by name, as the official inspector writes it. */
export function definitionOf({ logic, id }: InspectedActor): string {
  const { config } = logic ?? {};
  if (typeof config !== "object" || config === null) return JSON.stringify({ id });
  let text = definitions.get(config);
  if (text === undefined) {
    text = boundedJson(config, { depth: 30, entries: 1000, values: 20_000, functions: true });
    definitions.set(config, text);
  }
  return text;
}

/** As the official inspector names an actor. */
export function nameOf({ id, sessionId, logic }: InspectedActor): string {
  const config = logic?.config;
  if (id !== sessionId || typeof config !== "object" || config === null || !("id" in config)) return id;
  return String(config.id);
}
