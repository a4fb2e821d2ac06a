import type { EventBody } from "@memhp/abi";

type Uevent = Extract<EventBody, { type: "uevent" }>;

/** DAX_DEVICE_MODALIAS_FMT. */
export const MODALIAS = "dax:t0";

/** An event of a dax device (drivers/dax/bus.c dax_bus_uevent; from source, not recorded). */
export function daxUevent(action: "add" | "remove" | "bind" | "unbind", devpath: string, driver?: string): Uevent {
  return {
    type: "uevent",
    action,
    devpath,
    subsystem: "dax",
    env: { ...(driver === undefined ? {} : { DRIVER: driver }), MODALIAS },
  };
}

/** A driver of the dax bus comes or goes with its module, as other modules do (v_boot_requested). */
export function moduleUevents(action: "add" | "remove", driver: string): Uevent[] {
  return [
    { type: "uevent", action, devpath: `/bus/dax/drivers/${driver}`, subsystem: "drivers" },
    { type: "uevent", action, devpath: `/module/${driver}`, subsystem: "module" },
  ];
}
