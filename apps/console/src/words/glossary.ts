/** A word of the field, and where more of it is written. */
interface Term {
  readonly meaning: string;
  /** As in `memhp rule`: a section of the facts. */
  readonly facts?: string;
}

/** Terms as they are written; a text may have them in the plural. */
export const glossary: Readonly<Record<string, Term>> = {
  block: {
    meaning: "The unit that goes online and offline: 128 MiB on most x86-64 machines, a directory memoryN in sysfs.",
    facts: "facts §1.4",
  },
  zone: {
    meaning: "A part of a node's memory with rules of its own: DMA, DMA32, Normal, Movable.",
    facts: "facts §1.3",
  },
  Movable: {
    meaning: "ZONE_MOVABLE: only pages that can be moved elsewhere lie in it, so its blocks can go offline.",
    facts: "facts §3.4",
  },
  ZONE_MOVABLE: { meaning: "The zone in which only pages that can be moved elsewhere lie.", facts: "facts §3.4" },
  ZONE_NORMAL: { meaning: "The zone for everything, pages of the kernel itself among it.", facts: "facts §1.3" },
  DIMM: { meaning: "A memory module. In a virtual machine, QEMU's pc-dimm.", facts: "facts §6.1" },
  online: { meaning: "In use: the pages of the block are with the allocator.", facts: "facts §2.8" },
  offline: {
    meaning: "Not in use: the block exists, its pages do not. Also the request for that.",
    facts: "facts §2.8",
  },
  online_movable: { meaning: "Online in ZONE_MOVABLE.", facts: "facts §2.8" },
  online_kernel: { meaning: "Online in a zone that the kernel may use for itself.", facts: "facts §2.8" },
  uevent: {
    meaning: "How the kernel tells userspace of a device that came, changed or went; udev listens.",
    facts: "facts §2.10",
  },
  udev: { meaning: "The program that hears uevents and acts by rules: it may put a new block online." },
  _OST: { meaning: "How the kernel tells the firmware what came of a request (ACPI).", facts: "facts §6.4" },
  _CRS: { meaning: "Where firmware says which addresses a device has (ACPI).", facts: "facts §6.1" },
  _STA: { meaning: "Where firmware says whether a device is there and works (ACPI).", facts: "facts §6.1" },
  firmware: { meaning: "What the board itself runs: it notifies the kernel of devices, by ACPI.", facts: "facts §6.2" },
  notifier: {
    meaning: "A list of callbacks that the kernel asks before, and tells after, a change of memory.",
    facts: "facts §7",
  },
  callback: { meaning: "A function on the notifier chain; before a change, it may refuse.", facts: "facts §7" },
  veto: { meaning: "A callback's refusal, which ends what was begun.", facts: "facts §7" },
  pageblock: {
    meaning: "A group of pages, 2 MiB on x86-64, of which the kernel remembers what kind of pages it is for.",
    facts: "facts §1.2",
  },
  MIGRATE_ISOLATE: {
    meaning: "A mark on a pageblock: nothing is allocated from it any more.",
    facts: "facts §4.3",
  },
  migrated: { meaning: "Copied to another page, to which the page tables then point.", facts: "facts §4.4" },
  "huge page": { meaning: "A page of 2 MiB or 1 GiB on x86-64, out of a pool of its own.", facts: "facts §4.5" },
  "buddy allocator": { meaning: "Where the kernel keeps free pages, in chunks of powers of two." },
  container: { meaning: "A board with memory or processors on it, which come and go as one.", facts: "facts §6.5" },
  "virtio-mem": {
    meaning: "A memory device of virtual machines that grows and shrinks in pieces, by what the hypervisor requests.",
    facts: "observed-newer §2",
  },
  "hotplug lock": {
    meaning: "One lock for all changes of memory: who wants to change something waits for who holds it.",
    facts: "facts §3.1",
  },
  "device check": { meaning: "Firmware's notify that a device has come.", facts: "facts §6.2" },
  "eject request": { meaning: "Firmware's notify that a device is wanted back.", facts: "facts §6.3" },
};

const names = Object.keys(glossary).sort((a, b) => b.length - a.length);
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
const known = new RegExp(`(?<![\\w./-])(${names.map(escaped).join("|")})(?=s?(?![\\w/-]))`, "g");

/** A text in pieces: every other one is a term. Each term is one where it stands first. */
export function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  const seen = new Set<string>();
  let from = 0;
  for (const { 0: term, index } of text.matchAll(known)) {
    if (seen.has(term)) continue;
    seen.add(term);
    pieces.push(text.slice(from, index), term);
    from = index + term.length;
  }
  return [...pieces, text.slice(from)];
}
