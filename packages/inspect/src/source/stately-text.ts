import { boundedJson } from "./bounded-json.ts";
import type { InspectedActor, InspectedState } from "./inspected-actor.ts";

/**
 * The version of @statelyai/inspect whose messages these are. Its receivers take nothing without it, and it exports it
 * nowhere; a test compares.
 */
export const STATELY_VERSION = "0.7.2";

/** The parts of an actor's messages that never change, written once. */
export interface ActorHead {
  /** `"sessionId":…,"rootId":…,"_version":…,"id":null,"createdAt":"` */
  readonly common: string;
  /** `"name":…,"definition":…` and the parent, if there is one. */
  readonly introduction: string;
}

export interface ActorIdentity {
  readonly sessionId: string;
  readonly rootId: string;
  readonly parentId?: string;
  readonly name: string;
  /** The machine's config as JSON, or a stand-in. */
  readonly definition: string;
}

export function actorHead({ sessionId, rootId, parentId, name, definition }: ActorIdentity): ActorHead {
  const parent = parentId === undefined ? "" : `,"parentId":${JSON.stringify(parentId)}`;
  return {
    common: `"sessionId":${JSON.stringify(sessionId)},"rootId":${JSON.stringify(rootId)},"_version":"${STATELY_VERSION}","id":null,"createdAt":"`,
    introduction: `"name":${JSON.stringify(name)},"definition":${JSON.stringify(definition)}${parent}`,
  };
}

export function actorText(head: ActorHead, at: number, snapshot: string): string {
  return `{"type":"@xstate.actor",${head.introduction},${head.common}${at}","snapshot":${snapshot}}`;
}

export function eventText(head: ActorHead, at: number, event: string, sourceId: string | undefined): string {
  const source = sourceId === undefined ? "" : `,"sourceId":${JSON.stringify(sourceId)}`;
  return `{"type":"@xstate.event","event":${event}${source},${head.common}${at}"}`;
}

export function snapshotText(head: ActorHead, at: number, event: string, snapshot: string): string {
  return `{"type":"@xstate.snapshot","event":${event},"snapshot":${snapshot},${head.common}${at}"}`;
}

/** A snapshot around a context that is written already; as XState's own `toJSON`, without what is empty. */
export function stateText(state: InspectedState, context: string, json: (value: unknown) => string): string {
  const { status, value, output, error, tags, children } = state;
  let text = `{"status":"${status}"`;
  if (value !== undefined) text += `,"value":${typeof value === "string" ? JSON.stringify(value) : json(value)}`;
  text += `,"context":${context}`;
  if (output !== undefined) text += `,"output":${json(output)}`;
  if (error !== undefined) text += `,"error":${json(error)}`;
  if (tags !== undefined && tags.size > 0) text += `,"tags":${json(tags)}`;
  if (children !== undefined) for (const _ in children) return `${text},"children":${json(children)}}`;
  return `${text}}`;
}

const definitions = new WeakMap<object, string>();

/** A machine's config, with its functions by name, as the official inspector writes it. */
export function definitionOf({ logic, id }: InspectedActor): string {
  const { config } = logic ?? {};
  if (typeof config !== "object" || config === null) return JSON.stringify({ id });
  let text = definitions.get(config);
  if (text === undefined) definitions.set(config, (text = boundedJson(config, { depth: 30, entries: 1000, values: 20_000, functions: true })));
  return text;
}

/** As the official inspector names an actor. */
export function nameOf({ id, sessionId, logic }: InspectedActor): string {
  const config = logic?.config;
  if (id !== sessionId || typeof config !== "object" || config === null || !("id" in config)) return id;
  return String(config.id);
}
