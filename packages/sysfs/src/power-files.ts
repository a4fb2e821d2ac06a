import { done, refused } from "@memhp/abi";
import { readOnly } from "./attribute.ts";
import { directory } from "./directory.ts";
import type { SysfsKernel } from "./sysfs-rules.ts";
import { ATTRIBUTE_SIZE } from "./attribute.ts";
import type { Directory, FileNode } from "./tree-node.ts";

/** `power` of a device without runtime power management (7.3: a_boot_*); empty where no recording looked into it. */
export function powerDirectory({ sysfs }: Pick<SysfsKernel, "sysfs">): Directory | undefined {
  if (sysfs.powerFiles === "absent") return undefined;
  if (!sysfs.powerFiles) return directory({});
  return directory({
    async: setting("disabled"),
    autosuspend_delay_ms: {
      kind: "file",
      mode: 0o644,
      size: ATTRIBUTE_SIZE,
      read: unused,
      write: async () => unused(),
    },
    control: setting("auto"),
    runtime_active_kids: readOnly(() => "0\n"),
    runtime_active_time: readOnly(() => "0\n"),
    runtime_enabled: readOnly(() => "disabled\n"),
    runtime_status: readOnly(() => "unsupported\n"),
    runtime_suspended_time: readOnly(() => "0\n"),
    runtime_usage: readOnly(() => "0\n"),
  });
}

/** A device that nothing suspends keeps its setting, whatever is written. */
function setting(value: string): FileNode {
  return { ...readOnly(() => `${value}\n`, 0o644), write: async (data) => done(data.length) };
}

function unused() {
  return refused({
    errno: "EIO",
    code: "no_entry",
    rule: "drivers/base/power/sysfs.c: the device does not use autosuspend",
    retry: "no",
    remedy: [],
  });
}
