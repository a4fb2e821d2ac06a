import type { Refusal } from "@memhp/abi";

/** device_hotplug_lock is waited for interruptibly: a writer who is gone by then does nothing (observed-6 §9). */
export function callerGone(block?: number): Refusal {
  return {
    errno: "EINTR",
    code: "signal",
    rule: "facts §2.8: the writer was killed while it waited for device_hotplug_lock",
    ...(block === undefined ? {} : { block }),
    retry: "yes",
    remedy: ["write again when the other hotplug operation has ended"],
  };
}

/** The write starts over when the lock is free, and the block's files are there no more (fs/kernfs/file.c, restart_syscall). */
export function blockGone(block: number): Refusal {
  return {
    errno: "ENODEV",
    code: "no_entry",
    rule: "lock_device_hotplug_sysfs: the write starts over when the lock is free; its file went with the block (fs/kernfs/file.c)",
    block,
    retry: "no",
    remedy: ["name a block that exists"],
  };
}
