import type { SimEvent } from "@memhp/abi";

/** One uevent as the kernel broadcasts it. */
export interface Uevent {
  readonly action: string;
  /** Below /sys. */
  readonly devpath: string;
  readonly subsystem: string;
  /** Counts all uevents since boot. */
  readonly seqnum: number;
  /** Simulated time. */
  readonly atNs: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Numbers the uevents among a machine's events; others are none. @param first SEQNUM of the first one. */
export function ueventNumbering(first = 1): (event: SimEvent) => Uevent | undefined {
  let next = first;
  return (event) => {
    if (event.type !== "uevent") return undefined;
    const { action, devpath, subsystem, env = {}, atNs } = event;
    return { action, devpath, subsystem, env, atNs, seqnum: next++ };
  };
}

/** The variables of a uevent in the order in which kobject_uevent_env adds them. */
export function ueventProperties({ action, devpath, subsystem, env, seqnum }: Uevent): [name: string, value: string][] {
  return [
    ["ACTION", action],
    ["DEVPATH", devpath],
    ["SUBSYSTEM", subsystem],
    ...Object.entries(env),
    ["SEQNUM", String(seqnum)],
  ];
}

const NS_PER_SECOND = 1e9;
const NS_PER_MICROSECOND = 1e3;

/** What udevadm prints before the first event. */
export const MONITOR_BANNER = `monitor will print the received events for:
UDEV - the event which udev sends out after rule processing
KERNEL - the kernel uevent

`;

/**
 * An event as `udevadm monitor --property` prints it.
 * @param atNs when it was heard; the kernel's own time unless told otherwise.
 */
export function monitorText(
  source: "KERNEL" | "UDEV",
  event: Uevent,
  atNs: number = event.atNs,
  properties: readonly (readonly [string, string])[] = ueventProperties(event),
): string {
  const seconds = Math.floor(atNs / NS_PER_SECOND);
  const micros = Math.floor((atNs % NS_PER_SECOND) / NS_PER_MICROSECOND);
  const time = `${seconds}.${String(micros).padStart(6, "0")}`;
  const head = `${source.padEnd(6)}[${time}] ${event.action.padEnd(8)} ${event.devpath} (${event.subsystem})`;
  return `${[head, ...properties.map(([name, value]) => `${name}=${value}`)].join("\n")}\n\n`;
}

/** The bytes of the netlink message: `add@/devices/…` and the variables, each ended by a NUL. */
export function netlinkText(event: Uevent): string {
  const variables = ueventProperties(event).map(([name, value]) => `${name}=${value}`);
  return `${[`${event.action}@${event.devpath}`, ...variables].join("\0")}\0`;
}
