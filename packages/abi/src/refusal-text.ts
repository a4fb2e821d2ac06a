import type { Errno } from "./errno.ts";
import type { PageKindName } from "./page-kind.ts";
import type { Refusal, RefusalCode, RefusedPage } from "./refusal.ts";

/** Kinds of pages in the words of somebody who runs the machine. */
const kindWords: Readonly<Record<PageKindName, string>> = {
  free: "free memory",
  reserved: "memory reserved at boot",
  boot_allocation: "memory reserved at boot",
  memmap: "the kernel's page descriptors (memmap)",
  hole: "holes without RAM",
  self_hosted: "the block's own memmap",
  anonymous: "anonymous memory",
  file: "page cache",
  shmem: "shared memory",
  mlocked: "locked memory (mlock)",
  thp: "transparent hugepages",
  slab: "kernel objects (slab)",
  slab_reclaimable: "reclaimable kernel caches (slab)",
  page_table: "page tables",
  kernel_stack: "kernel stacks",
  pipe_buffer: "pipe buffers",
  kernel: "kernel memory",
  hugetlb_2m: "hugepages",
  hugetlb_2m_free: "free hugepages of the pool",
  hugetlb_1g: "gigantic hugepages",
  hugetlb_1g_free: "free gigantic hugepages of the pool",
  balloon: "balloon pages",
  offline: "pages that the hypervisor took back (PageOffline)",
  secret: "secret memory (memfd_secret)",
  device: "device memory",
  hwpoison: "pages with hardware errors",
};

/** Kinds that the flags of a captured host's pages tell, where they tell less. */
const flaggedWords: Readonly<Record<string, string>> = {
  hugetlb: "hugepages",
  compound: "large kernel allocations (kmalloc, buffers of drivers)",
  mapped: "kernel memory that programs map (buffers of drivers, rings)",
  marked: "kernel memory of a kind that its flags do not tell",
  unmarked: "pages without a flag (kernel stacks, pipe buffers, vmalloc, modules, memmap)",
};

/** `load:db` is `load db`. */
function plainNames(text: string): string {
  return text.replaceAll(/\bload:/g, "load ");
}

/** Whose a page is, where that says more than its kind: what is the kernel's is nobody else's. */
function ownerWords(owner: string | undefined): string[] {
  return owner === undefined || owner === "kernel" || owner === "given" || owner === "unknown"
    ? []
    : [plainNames(owner)];
}

/** Pages of a captured host whose flags do not tell what they are count as the kernel's: an answer that leans on one says so. */
function unknownText(pages: readonly RefusedPage[]): string {
  const unknown = pages.filter(({ owner }) => owner === "unknown");
  if (unknown.length === 0) return "";
  const which = unknown.length === pages.length ? "these pages" : `some of them, such as pfn ${unknown[0]?.pfn},`;
  return ` What ${which} are is unknown: no flag of the captured host tells, so they count as memory of the kernel.`;
}

/** Whose a page may be, where that is a guess: told of the first that has candidates. */
function candidatesText(pages: readonly RefusedPage[]): string {
  const page = pages.find(({ candidates }) => candidates !== undefined && candidates.length > 0);
  const candidates = page?.candidates ?? [];
  if (page === undefined) return "";
  const named = candidates.map(({ owner, share }) => `${owner} (${Math.max(1, Math.round(share * 100))} %)`);
  const others = candidates.reduce((sum, { share }) => sum + share, 0) < 0.995 ? ["another"] : [];
  const all = [...named, ...others];
  const which = all.length === 1 ? all[0] : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
  return ` Whose pfn ${page.pfn} is no file tells; by the size of its slab it may be of ${which}.`;
}

/** A kind of page in plain words. */
export function pageKindText(kind: string): string {
  const words: Readonly<Record<string, string>> = { ...flaggedWords, ...kindWords };
  return words[kind] ?? `${kind} pages`;
}

/** As many pages as a refusal names; of more it only knows the number. */
const NAMED = 8;

/**
 * What stands in the way, how much, whose: `117 pages, kernel objects (slab) of load dentry, the first at pfn 1310720`.
 * @param total how many pages are in the way, those named included
 */
export function offendersText(pages: readonly RefusedPage[], total: number = pages.length): string {
  const kinds = new Map<string, Set<string>>();
  for (const { kind, owner } of pages) {
    const owners = kinds.get(kind) ?? new Set();
    for (const name of ownerWords(owner)) owners.add(name);
    kinds.set(kind, owners);
  }
  const named = [...kinds].map(([kind, owners]) =>
    owners.size === 0 ? pageKindText(kind) : `${pageKindText(kind)} of ${joined([...owners])}`,
  );
  const among = pages.length >= NAMED && total > pages.length && named.length > 1 ? "among them " : "";
  const count = total === 1 ? "1 page" : `${total} pages`;
  const at = total === 1 ? "at pfn" : "the first at pfn";
  return `${count}, ${among}${joined(named)}, ${at} ${pages[0]?.pfn}`;
}

function joined(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** What was refused, by cause; `where` is the block with its place, or `the memory` where no block is named. */
const whatHappened: Readonly<Record<RefusalCode, (where: string, errno: Errno) => string>> = {
  bad_word: () => "What was written is not understood there",
  already_in_state: (where, errno) =>
    errno === "EBUSY"
      ? `The memory of ${where} is in use, so that nobody can remove it`
      : `Nothing changes for ${where}, already in the state that was asked for`,
  not_adjacent: (where) =>
    `Only at the border between the zones Normal and Movable can a block change its zone; ${where} is elsewhere`,
  mixed_zones: (where) => `In ${where} are pages of more than one zone or node`,
  memory_hole: (where) => `A part of ${where} is a hole without RAM`,
  unmovable_page: (where) => `In ${where} is something that the kernel cannot move`,
  pinned_page: (where) => `In ${where} are pages that somebody has pinned where they are`,
  no_target_memory: (where) => `There is no room for ${where === NOWHERE ? "the pages" : `what is in ${where}`}`,
  notifier_veto: (where) => `A callback that the kernel asks first does not let ${where} change`,
  timeout: (where) => `The kernel could not empty ${where} in the time that it allows itself, and gave up`,
  signal: (where) => `A signal ended the attempt on ${where} before it was done`,
  poisoned: (where) => `In ${where} are pages with hardware errors`,
  last_normal_memory: (where) => `The node of ${where} needs memory in a zone up to Normal besides Movable memory`,
  no_ram_resource: () => "At this address there is no online RAM that anybody uses",
  unaligned: () => "The address or the size is no multiple of what the kernel works with",
  overlap: () => "Something else has a part of this address range already",
  no_such_node: () => "There is no such NUMA node on this machine",
  out_of_range: () => "The address or number lies outside of what is allowed",
  eject_disabled: () => "Ejecting memory is switched off on this machine",
  container_busy: () => "The container is still in use",
  no_slot: () => "Every place for one more is taken",
  read_only: () => "This file can only be read",
  write_only: () => "This file can only be written",
  no_entry: () => "There is nothing of this name",
  on_purpose: () => "A fault that was asked for struck",
  not_built: (where) => `The kernel has no code for this${where === NOWHERE ? "" : `, and ${where} stays as it is`}`,
};

const NOWHERE = "the memory";

function placeText({ block, node, zone }: Refusal, blocks: string | undefined): string {
  if (block === undefined) return NOWHERE;
  const place = [...(node === undefined ? [] : [`node ${node}`]), ...(zone === undefined ? [] : [`zone ${zone}`])];
  return `${blocks ?? `block ${block}`}${place.length === 0 ? "" : ` (${place.join(", ")})`}`;
}

/**
 * A refusal for somebody who runs the machine, in three sentences: what was refused and what stands in the
 * way; errno, code and rule; whether trying again can help, and what would.
 * @param blocks names all blocks that are refused alike, `blocks 32-39`; by default the refusal's own.
 */
export function refusalSentences(refusal: Refusal, blocks?: string): [what: string, rule: string, help: string] {
  const { errno, code, rule, detail, pages = [], total } = refusal;
  const inTheWay = pages.length > 0 ? offendersText(pages, total) : detail;
  const what = `${whatHappened[code](placeText(refusal, blocks), errno)}${inTheWay === undefined ? "" : `: ${inTheWay}`}.`;
  return [
    `${what}${unknownText(pages)}${candidatesText(pages)}`,
    `The answer is ${errno} (${code}), by ${rule}.`,
    helpText(refusal),
  ];
}

function helpText({ retry, remedy: raw }: Refusal): string {
  const remedy = raw.map(plainNames);
  const remedies = remedy.join("; or ");
  const without = { no: "Trying again does not help", maybe: "Trying again may help", yes: "Try again" }[retry];
  if (remedy.length === 0) return `${without}.`;
  // Remedies of what helps for certain are steps, one after another.
  if (retry === "yes") return `Try again after this: ${remedy.join("; then ")}.`;
  return retry === "no"
    ? `Trying again does not help, but this may: ${remedies}.`
    : `Trying again may help, above all after this: ${remedies}.`;
}
