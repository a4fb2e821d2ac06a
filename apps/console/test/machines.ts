import { bootMachine, parseMachineSpec } from "@memhp/machine";
import type { SimEvent } from "@memhp/abi";
import type { EventLog } from "../src/session/event-log.ts";
import { Session } from "../src/session/session.ts";

/** A machine of two nodes with 2 GiB and a DIMM of 1 GiB each, as the page boots it at first. */
export async function bootTwoNodes(kernel: string, options: { readonly cmdline?: string } = {}): Promise<Session> {
  const spec = parseMachineSpec({
    nodes: { count: 2, memory: "2G" },
    dimms: { per_node: 1, size: "1G" },
    cmdline: options.cmdline ?? "",
  });
  return new Session(await bootMachine(spec, { kernel }));
}

/** All events that a log keeps. */
export function eventsOf(log: EventLog): SimEvent[] {
  return Array.from({ length: log.end - log.dropped }, (_, i) => log.at(log.dropped + i));
}
