import type { DiagramEdge } from "./diagram-model.ts";

/**
 * XState's own descriptors in words: the event of a delay is `xstate.after.1000.light.red`, that
 * of a finished child state `xstate.done.state.light.red`.
 */
export function eventLabel(event: string): string {
  if (event === "") return "always";
  if (event === "*") return "any event";
  const [xstate, what, ...rest] = event.split(".");
  if (xstate !== "xstate") return event;
  if (what === "after") return Number.isNaN(Number(rest[0])) ? `after ${rest[0]}` : `after ${rest[0]} ms`;
  if (what === "done" && rest[0] === "state") return "done";
  if ((what === "done" || what === "error") && rest[0] === "actor") {
    // An invoked actor without an id of its own is numbered: `0.light.red`.
    return /^\d+$/.test(rest[1] ?? "") ? what : `${what}: ${rest.slice(1).join(".")}`;
  }
  if (what === "snapshot") return `snapshot: ${rest.join(".")}`;
  return event;
}

/** `EVENT [guard] / action, action`, as UML writes it. */
export function edgeLabel({ event, guard, actions, fallback }: DiagramEdge, withActions = true): string {
  if (fallback === true) return "at first";
  const guarded = guard === undefined ? eventLabel(event) : `${eventLabel(event)} [${guard}]`;
  return withActions && actions.length > 0 ? `${guarded} / ${actions.join(", ")}` : guarded;
}
