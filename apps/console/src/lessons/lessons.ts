/** What is told once a step was taken. Words between brackets are in the glossary. */
interface Told {
  readonly step: number;
  readonly text: string;
}

/** What a lesson of the list tells. */
interface ToldLesson {
  /** The name that the run has in itself. */
  readonly name: string;
  readonly told: readonly Told[];
}

export const toldLessons: readonly ToldLesson[] = [
  {
    name: "order-mv-middle-first",
    told: [
      {
        step: 0,
        text: "A machine with one node has booted Linux 4.1. All its memory is in the [zone]s that the kernel itself may use. A [DIMM] is about to come.",
      },
      {
        step: 1,
        text: "The firmware notified the kernel of a DIMM of 1 GiB. It became eight [block]s: hatched, because nobody has put them [online] yet.",
      },
      {
        step: 3,
        text: "Somebody wrote [online_movable] to the fifth of them and got EINVAL. Zones are ranges without gaps on this kernel: in the middle of Normal, no block can leave for [Movable]. The block is marked on the map.",
      },
      {
        step: 4,
        text: "The last block takes a plain online. It stays in Normal, because that is the zone it lies in.",
      },
      {
        step: 5,
        text: "The middle is refused again: it is still not at the border. On a fresh machine it would have worked from the last block downwards; the run order-mv-descending shows that.",
      },
      {
        step: 8,
        text: "As [online_kernel] the middle block goes at once: it need not change its zone. Try yourself: online block 39 of a fresh machine as movable, then 38, then 37.",
      },
    ],
  },
  {
    name: "del-middle-dimm",
    told: [
      {
        step: 0,
        text: "Linux 4.1, one node, no [DIMM] yet. Watch the events: each DIMM is a short talk of firmware and kernel.",
      },
      {
        step: 3,
        text: "Three DIMMs of 256 MiB have come, two [block]s each. Each time the firmware said device check, the kernel added memory, told userspace by a [uevent], and answered by [_OST].",
      },
      {
        step: 7,
        text: "From the end downwards the blocks of the last two DIMMs went online as [Movable]: each was at the border of the [zone]s when its turn came.",
      },
      { step: 9, text: "The first DIMM went online in Normal, where the kernel may put pages of its own." },
      {
        step: 11,
        text: "An eject request for the middle DIMM: the kernel took both blocks [offline] by itself, removed them, and answered _OST 0. Its blocks are gone, and the map shows the hole.",
      },
      { step: 14, text: "The last DIMM leaves the same way." },
      {
        step: 16,
        text: "The first, too, here: in this run none of its pages belonged to the kernel. Had one, it would have stayed; the next lesson but one is about that.",
      },
    ],
  },
  {
    name: "c_unmovable_hold",
    told: [
      {
        step: 0,
        text: "Linux 6.12 with two nodes. This kernel decides the [zone] when a block goes online, not before.",
      },
      {
        step: 3,
        text: "A DIMM came to node 1, and both of its blocks went [online] as [online_kernel]: now the kernel may use them for itself.",
      },
      {
        step: 4,
        text: "A kernel module took pages there and holds them. Nothing on the map tells you yet: the blocks look as before. Zoom into one (Enter, or a double click) to see its pages.",
      },
      {
        step: 6,
        text: "[offline] is refused with EBUSY. The kernel looked through the block and found a page that is neither free nor movable. The sentence below the map names it.",
      },
      {
        step: 8,
        text: "So an eject request fails as well: the DIMM can only leave whole, and the kernel puts back what it had taken out.",
      },
      {
        step: 11,
        text: "The module gave its pages back, and offline is EBUSY still: something else that cannot move is in the block. What was kernel memory once is seldom all free again.",
      },
    ],
  },
  {
    name: "f_auto_online",
    told: [
      {
        step: 0,
        text: "Who puts new memory [online]? A udev rule, an agent, or the kernel itself. This run tries the kernel's own way.",
      },
      { step: 2, text: "auto_online_blocks is set to online: from now on new [block]s come online by themselves." },
      {
        step: 4,
        text: "A [DIMM] came, and its blocks were online before userspace heard of them by [uevent]. A rule that wants them [Movable] comes too late.",
      },
      { step: 7, text: "Set to offline, the next DIMM waits: its block is hatched until somebody writes to it." },
      { step: 9, text: "A word that the file does not know is EINVAL, and changes nothing." },
      {
        step: 14,
        text: "An eject request for the first: the kernel answers [_OST] 130, and the [DIMM] stays. What it put [online] by itself lies in a zone for kernel pages, and some that cannot move are there now. Memory that shall leave again should go online as [Movable].",
      },
    ],
  },
  {
    name: "v_unplug_refused",
    told: [
      {
        step: 0,
        text: "Linux 6.12. Instead of a [DIMM] there is a [virtio-mem] device of 1 GiB at node 1, and nothing of it is plugged: the hypervisor says how much it should be, and a driver in the kernel sees to it. No [firmware] has a part in that.",
      },
      {
        step: 2,
        text: "The hypervisor requested 384 MiB. The driver added three [block]s, one after another, and each was [online] before the next was added. With a [DIMM] all blocks are added first, and [_OST] answers the firmware; here nobody waits for an answer.",
      },
      {
        step: 4,
        text: "A kernel module takes pages on the node and holds them. They cannot be [migrated]. On a DIMM with such a page an eject request would fail whole: the lesson “Why a block stays”.",
      },
      {
        step: 6,
        text: "The hypervisor requests 128 MiB. One block was free and is gone. From the other two the driver took every piece of 2 MiB that nobody held. The recorded kernel was left with 242 MiB, 114 more than requested; how much it is varies from boot to boot. Nobody is told, and nothing is logged: only the plugged size tells. What stood in the way is said below the map, where a kernel would say nothing.",
      },
      {
        step: 9,
        text: "What /proc/zoneinfo says of such blocks: the [zone] still has both as present, but fewer pages are managed. The pieces that were given back lie in online blocks and belong to nobody. A DIMM cannot have that.",
      },
      {
        step: 11,
        text: "The module gave its pages back, and twelve seconds passed. Nothing changed: after a shrink that did not get all, the driver waits (50 s at first) before it tries again.",
      },
      {
        step: 14,
        text: "The same request once more makes it try at once, and 128 MiB are reached. Both blocks are still there, each in part: it asked for a size, not for a block. Open Statecharts to see the driver's way through its passes.",
      },
    ],
  },
  {
    name: "notifier-error",
    told: [
      {
        step: 0,
        text: "Parts of the kernel that keep something for each block or node stand on the memory [notifier] chain. Each is asked before memory goes [online], and any may refuse.",
      },
      {
        step: 3,
        text: "A [DIMM] came, and a refusal was injected: whoever asks for MEM_GOING_ONLINE now gets ENOMEM.",
      },
      {
        step: 4,
        text: "An online of its last [block] fails with ENOMEM. Look at the events of kind notifier: who was asked, who said no, and who was told that it came to nothing (MEM_CANCEL_ONLINE).",
      },
      {
        step: 7,
        text: "Whatever word is written, and to whichever block: the answer is the same, for the chain is asked each time.",
      },
      { step: 9, text: "The injected error is taken back, and the same write goes through." },
      {
        step: 12,
        text: "The same works the other way round: an error at MEM_GOING_OFFLINE lets no block go [offline]. A driver that cannot spare its memory does exactly this.",
      },
    ],
  },
];
