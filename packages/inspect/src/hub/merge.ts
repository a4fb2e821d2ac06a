import type { InspectionMessage } from "../packed-messages.ts";

/**
 * One row of messages out of several: by time, and in the order of the sources where times are equal. The messages of
 * each source stay in their order, whatever its clock says.
 */
export function mergeByTime(queues: readonly (readonly InspectionMessage[])[]): InspectionMessage[] {
  const waiting = queues.map((messages) => ({ messages, next: 0 })).filter(({ messages }) => messages.length > 0);
  const merged: InspectionMessage[] = [];
  while (waiting.length > 0) {
    let earliest = 0;
    for (let i = 1; i < waiting.length; i++) if (timeOf(waiting[i]) < timeOf(waiting[earliest])) earliest = i;
    const queue = waiting[earliest] as (typeof waiting)[number];
    merged.push(queue.messages[queue.next++] as InspectionMessage);
    if (queue.next === queue.messages.length) waiting.splice(earliest, 1);
  }
  return merged;
}

function timeOf(queue: { readonly messages: readonly InspectionMessage[]; readonly next: number } | undefined): number {
  return queue?.messages[queue.next]?.at ?? Infinity;
}
