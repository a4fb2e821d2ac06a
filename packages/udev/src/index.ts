export { MONITOR_BANNER, monitorText, netlinkText, ueventNumbering, ueventProperties } from "./uevent.ts";

export type { Uevent } from "./uevent.ts";
