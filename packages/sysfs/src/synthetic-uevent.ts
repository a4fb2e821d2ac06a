import { done } from "@memhp/abi";
import { readWrite, type StoreAnswer, writeOnly, type Written } from "./attribute.ts";
import type { KernelPort } from "./kernel-port.ts";
import { badWord } from "./refusals.ts";
import type { FileNode } from "./tree-node.ts";

/** The device that a `uevent` file belongs to. */
export interface UeventDevice {
  /** Below /sys. */
  readonly devpath: string;
  readonly name: string;
  /** Undefined for the root of a subsystem: it takes the words, but nobody is told (6.1: g_readonly). */
  readonly subsystem: string | undefined;
  /** What the file reads and every event of the device carries: `MODALIAS` of an ACPI device (6.1, 6.12: n_acpi_sysfs_eject). */
  readonly variables?: () => Readonly<Record<string, string>>;
}

/** A `uevent` file: it reads the device's variables, mostly none, and a write asks the kernel to send that event (observed-6 §2). */
export function ueventFile(port: KernelPort, device: UeventDevice): FileNode {
  const store = port.kernel.sysfs.uevent.form === "action" ? storeAction : storeSynthetic;
  return readWrite(
    port.kernel,
    () =>
      Object.entries(device.variables?.() ?? {})
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    (written) => store(port, device, written),
  );
}

/** The `uevent` file of a bus: it cannot be read (6.1, 6.12: n_uevent_synth). */
export function busUeventFile(port: KernelPort, name: string): FileNode {
  const device: UeventDevice = { devpath: `/bus/${name}`, name, subsystem: "bus" };
  const store = port.kernel.sysfs.uevent.form === "action" ? storeAction : storeSynthetic;
  return writeOnly(port.kernel, (written) => store(port, device, written));
}

function storeAction(port: KernelPort, device: UeventDevice, { bytes }: Written): StoreAnswer {
  const action = trimmed(bytes);
  if (port.kernel.sysfs.uevent.actions.includes(action)) send(port, device, action, {});
  else port.log(`${device.subsystem ?? ""} ${device.name}: uevent: unknown action-string`);
  return done(undefined);
}

function storeSynthetic(port: KernelPort, device: UeventDevice, { bytes }: Written): StoreAnswer {
  const text = trimmed(bytes);
  const blank = text.indexOf(" ");
  const action = blank === -1 ? text : text.slice(0, blank);
  if (!port.kernel.sysfs.uevent.actions.includes(action))
    return refuse(port, device, bytes, "unknown uevent action string");
  const env = blank === -1 ? { SYNTH_UUID: "0" } : parseArguments(text.slice(blank + 1));
  if (env === undefined) return refuse(port, device, bytes, "incorrect uevent action arguments");
  send(port, device, action, env);
  return done(undefined);
}

/** One newline or NUL at the end does not count. */
function trimmed(bytes: string): string {
  return bytes.replace(/[\n\0]$/, "");
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const variable = /^([0-9A-Za-z]+)=([0-9A-Za-z]+)$/;

/** A UUID, then KEY=VALUE of letters and digits, with one blank between. */
function parseArguments(text: string): Record<string, string> | undefined {
  const [id = "", ...variables] = text.split(" ");
  if (!uuid.test(id)) return undefined;
  const env: Record<string, string> = { SYNTH_UUID: id };
  for (const part of variables) {
    const [, key, value] = variable.exec(part) ?? [];
    if (key === undefined || value === undefined) return undefined;
    env[`SYNTH_ARG_${key}`] = value;
  }
  return env;
}

function send(port: KernelPort, device: UeventDevice, action: string, env: Readonly<Record<string, string>>): void {
  if (device.subsystem !== undefined)
    port.syntheticUevent(device.devpath, device.subsystem, action, { ...env, ...device.variables?.() });
}

function refuse(port: KernelPort, device: UeventDevice, bytes: string, why: string): StoreAnswer {
  port.log(`synth uevent: ${device.devpath}: ${why}`);
  port.log(`${device.subsystem ?? ""} ${device.name}: uevent: failed to send synthetic uevent: -22`);
  return badWord(
    bytes,
    "observed-6 §2: uevent",
    "write add, change, online or offline, then a UUID and KEY=VALUE if you like",
  );
}
