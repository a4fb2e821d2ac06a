/** What files read back although nothing in the kernel follows from it. Plain data, so that a machine's image can hold it. */
export interface Written {
  /** 4.1: what was last written to /proc/sys/vm/drop_caches. */
  dropCaches: number;
  /** drivers_autoprobe by bus, where somebody wrote to it. */
  autoprobe: Record<string, boolean>;
}

/** What files read back before anybody has written to them. */
export function nothingWritten(): Written {
  return { dropCaches: 0, autoprobe: {} };
}
