import { balloon, queryBalloon } from "./balloon.ts";
import { qmpCapabilities } from "./capabilities.ts";
import type { Command } from "./command.ts";
import { deviceAdd } from "./device-add.ts";
import { deviceDel } from "./device-del.ts";
import { objectAdd, objectDel } from "./object.ts";
import { qomSet } from "./qom-set.ts";
import {
  queryAcpiOspmStatus,
  queryCommands,
  queryMemoryDevices,
  queryMemorySizeSummary,
  queryName,
  queryStatus,
  queryVersion,
  quit,
  systemReset,
} from "./queries.ts";

/** All commands, in the order in which QEMU's `query-commands` lists them. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ["device_add", deviceAdd],
  ["query-acpi-ospm-status", queryAcpiOspmStatus],
  ["query-name", queryName],
  ["query-memory-devices", queryMemoryDevices],
  ["query-memory-size-summary", queryMemorySizeSummary],
  ["query-balloon", queryBalloon],
  ["balloon", balloon],
  ["system_reset", systemReset],
  ["device_del", deviceDel],
  ["object-del", objectDel],
  ["object-add", objectAdd],
  ["qom-set", qomSet],
  ["quit", quit],
  ["query-commands", queryCommands],
  ["query-version", queryVersion],
  ["qmp_capabilities", qmpCapabilities],
  ["query-status", queryStatus],
]);

/** Commands that concern the monitor itself and not what is plugged in: they wait for no other client's command. */
export const BESIDE_OTHERS: ReadonlySet<string> = new Set([
  "quit",
  "query-commands",
  "query-name",
  "query-status",
  "query-version",
]);

/** All that a client may say before it has said `qmp_capabilities`. */
export const NEGOTIATION_COMMANDS: ReadonlyMap<string, Command> = new Map([["qmp_capabilities", qmpCapabilities]]);
