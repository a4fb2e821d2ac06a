/** Two minutes with a recorded kernel: what it did, step by step, told in sentences. */
export interface Lesson {
  readonly title: string;
  /** The built-in run, and the name that it has in itself. */
  readonly file: string;
  readonly name: string;
  readonly about: string;
}

export const lessons: readonly Lesson[] = [
  {
    title: "The middle block",
    file: "4.1/order-mv-middle-first.json",
    name: "order-mv-middle-first",
    about: "Linux 4.1 makes a block movable only where the zones meet.",
  },
  {
    title: "A DIMM in and out",
    file: "4.1/del-middle-dimm.json",
    name: "del-middle-dimm",
    about: "Three DIMMs come; the middle one, a movable one and a kernel one are asked to leave.",
  },
  {
    title: "Why a block stays",
    file: "6.12/c_unmovable_hold.json",
    name: "c_unmovable_hold",
    about: "One page that the kernel cannot move holds 128 MiB, and with it the DIMM.",
  },
  {
    title: "Who onlines first",
    file: "6.12/f_auto_online.json",
    name: "f_auto_online",
    about: "New memory can come online by the kernel itself, or wait for somebody.",
  },
  {
    title: "DIMM against virtio-mem",
    file: "6.12-vmem/v_unplug_refused.json",
    name: "v_unplug_refused",
    about: "A DIMM leaves whole or not at all; a virtio-mem device gives back what it can.",
  },
  {
    title: "Somebody says no",
    file: "4.1/notifier-error.json",
    name: "notifier-error",
    about: "Before memory goes online, everybody on the notifier chain is asked.",
  },
];
