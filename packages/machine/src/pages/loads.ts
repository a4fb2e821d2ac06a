import {
  done,
  type EventBody,
  type Refusal,
  refused,
  type Result,
  ZONE_MOVABLE,
  ZONE_NORMAL,
  type ZoneIndex,
} from "@memhp/abi";
import type { Kernel } from "@memhp/kernels";
import {
  floorsAbove,
  highestZoneOfLoad,
  type LoadKind,
  type MemoryMap,
  type NodeMemory,
  type NodePages,
  type NodePolicy,
  Prng,
  type Watermarks,
} from "@memhp/engine";
import type { PageRequest, PageResult } from "@memhp/hotplug";
import type { PageWork } from "@memhp/shards";
import type { Alarm } from "../time/alarms.ts";
import { refuseNotBuilt } from "./not-built.ts";

/** A load as somebody asks for it. */
export interface LoadSpec {
  readonly id: string;
  readonly kind: LoadKind;
  readonly sizeBytes: number;
  /** Where its pages may lie; by default wherever the first node with a processor finds room. */
  readonly policy?: NodePolicy;
  /** It has references to its own pages, which end with it. Of `pinned` loads: 6.x keeps long pins out of ZONE_MOVABLE. */
  readonly pin?: "short" | "long";
  /** It lives: every so often it frees this part of its pages and allocates as many anew. */
  readonly churn?: { readonly fraction: number; readonly everyNs: number };
  /** It ends by itself after this time. */
  readonly lifetimeNs?: number;
}

/** A load that runs. */
export interface RunningLoad extends LoadSpec {
  readonly startedNs: number;
  /** Churn is done up to here. */
  churnedNs: number;
  /** Somebody else has run since it began, who may have put objects into its slab. */
  othersRan?: true;
}

/** Whom the OOM killer ended. */
export interface KilledLoad extends Pick<LoadSpec, "id" | "kind"> {
  readonly pages: number;
}

/** What loads need of the machine. */
export interface LoadHost {
  readonly kernel: Kernel;
  readonly map: MemoryMap;
  readonly pages: ReadonlyMap<number, NodePages>;
  readonly pageSize: number;
  readonly nowNs: number;
  readonly taskNode: number;
  /** Watermarks of each zone of each node, as they are now. */
  watermarks(): (node: NodeMemory, zone: ZoneIndex) => Watermarks;
  /** Nodes with memory, as an allocation of a node asks them. */
  nodeOrder(node: number): readonly number[];
  work: PageWork;
  emit(body: EventBody): void;
  setAlarm(alarm: Alarm): void;
  /** A program begins to use memory of a node. */
  used(node: number): Promise<void>;
}

/** A moment at which loads free a part of their pages and allocate as many anew. */
interface ChurnRound {
  readonly atNs: number;
  readonly fraction: number;
  readonly loads: readonly RunningLoad[];
}

/**
 * Whose allocation direct reclaim serves: single pages. Hugepages are of their pools, larger chunks want neighbours, and page
 * cache that would push itself out grows no further.
 */
function reclaims(kind: LoadKind): boolean {
  return kind !== "file" && kind !== "hugetlb" && kind !== "hugetlb_1g" && kind !== "slab" && kind !== "thp";
}

/** Kinds that a process holds for itself, so that the OOM killer gains something by ending it. */
const processKinds: ReadonlySet<LoadKind> = new Set(["anon", "mlock", "thp", "pinned", "secret", "pagetable"]);

/** More rounds than this leave memory as mixed as it gets. */
const MOST_CHURN_ROUNDS = 16;

/** Who uses memory besides the kernel itself: loads, over all nodes. Each draws from a generator of the machine's seed. */
export class Loads {
  readonly #host: LoadHost;
  readonly #seed: number;
  readonly #running = new Map<string, RunningLoad>();

  constructor(host: LoadHost, seed: number, running: readonly RunningLoad[] = []) {
    this.#host = host;
    this.#seed = seed;
    for (const each of running) {
      const load = { ...each };
      this.#running.set(load.id, load);
      this.#setEnd(load);
    }
  }

  /** All loads with where their churn stands, in the order of their start. */
  snapshot(): RunningLoad[] {
    return this.list().map((load) => ({ ...load }));
  }

  get(id: string): RunningLoad | undefined {
    return this.#running.get(id);
  }

  list(): readonly RunningLoad[] {
    return [...this.#running.values()];
  }

  /** Base pages that a load holds now, over all nodes. */
  pagesOf(id: string): number {
    let pages = 0;
    for (const held of this.placementOf(id).values()) pages += held;
    return pages;
  }

  /** Base pages that a load holds now, by node. */
  placementOf(id: string): ReadonlyMap<number, number> {
    const placement = new Map<number, number>();
    for (const { node, owners } of this.#host.pages.values())
      for (const [name, held] of owners)
        if (name === `load:${id}`) placement.set(node, (placement.get(node) ?? 0) + held);
    return placement;
  }

  /** Starts a load: all of it, or with ENOMEM none. */
  async start(spec: LoadSpec): Promise<Result<RunningLoad>> {
    if (this.#running.has(spec.id) || this.placementOf(spec.id).size > 0)
      throw new RangeError(`a load named ${JSON.stringify(spec.id)} runs already`);
    const notBuilt = refuseNotBuilt(this.#host.kernel.config, spec);
    if (notBuilt !== undefined) return refused(notBuilt);
    for (const node of spec.policy?.nodes ?? [this.#host.taskNode]) await this.#host.used(node);
    const pages = Math.ceil(spec.sizeBytes / this.#host.pageSize);
    const missing = await this.#grow(spec, pages);
    if (missing > 0) {
      await this.#free(spec);
      return refused(this.#noRoom(spec, missing, pages));
    }
    const load: RunningLoad = { ...spec, startedNs: this.#host.nowNs, churnedNs: this.#host.nowNs };
    this.#running.set(spec.id, load);
    this.#setEnd(load);
    this.#tell(load, "started", this.pagesOf(spec.id));
    return done(load);
  }

  /** Its life ends at its time, unless it has ended before. */
  #setEnd(load: RunningLoad): void {
    if (load.lifetimeNs === undefined) return;
    const ring = async (): Promise<void> => {
      if (this.#running.get(load.id) === load) await this.end(load.id);
    };
    this.#host.setAlarm({ atNs: load.startedNs + load.lifetimeNs, name: `end of load ${load.id}`, ring });
  }

  /** Ends a load; its pages are free. @returns base pages freed, or undefined where no such load runs. */
  async end(id: string): Promise<number | undefined> {
    const load = this.#running.get(id);
    if (load === undefined) return undefined;
    this.#running.delete(id);
    const pages = await this.#free(load);
    this.#tell(load, "ended", pages);
    return pages;
  }

  /** A driver takes single pages under a name that no load has. @returns how many it got. */
  async grow(id: string, kind: LoadKind, pages: number): Promise<number> {
    return this.#growOn({ id, kind, sizeBytes: 0 }, this.#nodesFor(undefined), pages);
  }

  /** It gives as many back, those of the farthest node first. */
  async shrink(id: string, pages: number): Promise<void> {
    let left = pages;
    for (const node of this.#nodesFor(undefined).toReversed()) {
      if (left === 0) return;
      const held = this.placementOf(id).get(node) ?? 0;
      if (held === 0) continue;
      const [freed] = await this.#host.work([{ op: "shrink", node, id, pages: Math.min(left, held) }]);
      left -= freed === undefined ? 0 : pagesIn(freed);
    }
  }

  /** Something has run besides loads: it may have put objects into their slab. */
  noteOthers(): void {
    for (const load of this.#running.values()) load.othersRan = true;
  }

  /** The pins of a load's pages end. */
  async unpin(id: string): Promise<void> {
    await this.#host.work(this.#nodesOf(id).map((node) => ({ op: "unpin", node, id })));
  }

  /** Whom the OOM killer would end: the process that holds most. */
  largestProcess(): RunningLoad | undefined {
    const candidates = this.list().filter(({ kind }) => processKinds.has(kind));
    const [victim] = candidates.sort((a, b) => this.pagesOf(b.id) - this.pagesOf(a.id) || (a.id < b.id ? -1 : 1));
    return victim === undefined || this.pagesOf(victim.id) === 0 ? undefined : victim;
  }

  /** 4.1: the OOM killer ends the process that holds most. @returns which, and the base pages that it held. */
  async killLargest(work: PageWork): Promise<KilledLoad | undefined> {
    const victim = this.largestProcess();
    if (victim === undefined) return undefined;
    this.#running.delete(victim.id);
    return { id: victim.id, kind: victim.kind, pages: await this.#free(victim, work) };
  }

  #tell({ id, kind }: LoadSpec, change: "started" | "ended", pages: number): void {
    this.#host.emit({ type: "load", id, kind, change, pages });
  }

  /** What loads did by themselves since they were last looked at: they churn. */
  async pass(): Promise<void> {
    const { nowNs } = this.#host;
    for (const round of this.#dueChurn(nowNs)) await this.#churn(round);
    for (const load of this.list()) load.churnedNs = nowNs;
  }

  /** Rounds that have come since loads were last looked at. Loads whose round comes at the same moment share it. */
  #dueChurn(nowNs: number): ChurnRound[] {
    const due = new Map<string, ChurnRound>();
    for (const load of this.list()) {
      const { churn } = load;
      if (churn === undefined) continue;
      const first = Math.floor((load.churnedNs - load.startedNs) / churn.everyNs) + 1;
      const last = Math.floor((nowNs - load.startedNs) / churn.everyNs);
      for (let round = Math.max(first, last - MOST_CHURN_ROUNDS + 1); round <= last; round++) {
        const atNs = load.startedNs + round * churn.everyNs;
        const key = `${atNs}/${churn.fraction}`;
        const loads = [...(due.get(key)?.loads ?? []), load];
        due.set(key, { atNs, fraction: churn.fraction, loads });
      }
    }
    return [...due.values()].sort((a, b) => a.atNs - b.atNs || a.fraction - b.fraction);
  }

  /** All of them free a part and only then allocate again, so that one gets what another had. */
  async #churn({ atNs, fraction, loads }: ChurnRound): Promise<void> {
    const nodes = new Set(loads.flatMap(({ id }) => this.#nodesOf(id)));
    const requests = [...nodes].map((node): PageRequest => {
      // One draw for each round and node, so that no other load's draws can shift it.
      const name = `${this.#seed}/${loads.map(({ id }) => id).join()}/${atNs}/${node}`;
      const seed = Math.floor(new Prng(hash(name)).next() * 2 ** 31);
      return { op: "churn", node, loads, fraction, seed, floors: this.floors(node) };
    });
    await this.#host.work(requests);
  }

  #nodesOf(id: string): number[] {
    const holds = (node: NodePages): boolean => node.owners.some(([name]) => name === `load:${id}`);
    return [...this.#host.pages.values()].filter(holds).map(({ node }) => node);
  }

  async #free(load: LoadSpec & Partial<RunningLoad>, work: PageWork = this.#host.work): Promise<number> {
    const { id, kind, pin, othersRan } = load;
    const pinned = kind === "pinned" || pin !== undefined;
    const requests = this.#nodesOf(id).map((node): PageRequest => ({
      op: "unload",
      node,
      id,
      pinned,
      isSlabShared: othersRan === true,
    }));
    const results = await work(requests);
    return results.reduce((sum, result) => sum + pagesIn(result), 0);
  }

  /** Asks the nodes of the policy one after another. @returns base pages that found no room. */
  async #grow(spec: LoadSpec, pages: number): Promise<number> {
    const { policy } = spec;
    if (policy?.mode === "interleave" && policy.nodes.length > 1) {
      const share = Math.floor(pages / policy.nodes.length);
      let left = pages;
      for (const [i, node] of policy.nodes.entries())
        left -= await this.#growOn(spec, [node], i === 0 ? pages - share * (policy.nodes.length - 1) : share);
      return left === 0 ? 0 : left - (await this.#growOn(spec, this.#host.nodeOrder(policy.nodes[0] as number), left));
    }
    return pages - (await this.#growOn(spec, this.#nodesFor(policy), pages));
  }

  #nodesFor(policy: NodePolicy | undefined): readonly number[] {
    const first = policy?.nodes[0] ?? this.#host.taskNode;
    const order = this.#host.nodeOrder(first);
    if (policy === undefined) return order;
    if (policy.mode === "bind") return order.filter((node) => policy.nodes.includes(node));
    return [...policy.nodes, ...order.filter((node) => !policy.nodes.includes(node))];
  }

  /** On the nodes given; before it has to fail, page cache of other programs makes room, as often as there is some. */
  async #growOn(spec: LoadSpec, nodes: readonly number[], pages: number): Promise<number> {
    let taken = await this.#growOnce(spec, nodes, pages);
    for (let grown = 1; grown > 0 && taken < pages && reclaims(spec.kind); taken += grown) {
      const freed = await this.#reclaim(spec, nodes, pages - taken);
      grown = freed === 0 ? 0 : await this.#growOnce(spec, nodes, pages - taken);
    }
    return taken;
  }

  async #reclaim({ kind }: LoadSpec, nodes: readonly number[], pages: number): Promise<number> {
    const highestZone = highestZoneOfLoad(kind);
    let freed = 0;
    for (const node of nodes) {
      if (freed >= pages) break;
      const request: PageRequest = {
        op: "reclaim",
        node,
        pages: pages - freed,
        highestZone,
        floors: this.floors(node),
      };
      for (const result of await this.#host.work([request])) freed += pagesIn(result);
    }
    return freed;
  }

  async #growOnce(spec: LoadSpec, nodes: readonly number[], pages: number): Promise<number> {
    const load = { id: spec.id, kind: spec.kind, ...(spec.pin === undefined ? {} : { pin: spec.pin }) };
    let taken = 0;
    for (const node of nodes) {
      if (taken >= pages) break;
      const request: PageRequest = { op: "load", node, ...load, pages: pages - taken, floors: this.floors(node) };
      for (const result of await this.#host.work([request])) taken += pagesIn(result);
    }
    return Math.min(taken, pages);
  }

  /** Free pages that programs leave in each zone of a node. */
  floors(node: number): number[] {
    const { map } = this.#host;
    const memory = map.nodes.get(node);
    if (memory === undefined) return [];
    const watermarks = this.#host.watermarks();
    // An allocation that may use Movable leaves more of the lower zones alone than one that may not.
    const movable = floorsAbove(map, watermarks, memory, ZONE_MOVABLE);
    const kernel = floorsAbove(map, watermarks, memory, ZONE_NORMAL);
    return movable.map((floor, zone) => Math.max(floor, kernel[zone] as number));
  }

  #noRoom({ id, kind, policy }: LoadSpec, missing: number, pages: number): Refusal {
    const where = policy === undefined ? "any node" : `node ${policy.nodes.join(", ")}`;
    if (kind === "hugetlb" || kind === "hugetlb_1g")
      return {
        errno: "ENOMEM",
        code: "no_target_memory",
        rule: "mm/hugetlb.c: hugepages come from their pool alone",
        retry: "maybe",
        remedy: [
          "write the number of hugepages to /proc/sys/vm/nr_hugepages, or to nr_hugepages of the node",
          "end another load of hugepages",
        ],
        detail: `${missing} of ${pages} pages of ${id} (${kind}) found no free hugepage in the pool of ${where}`,
      };
    return {
      errno: "ENOMEM",
      code: "no_target_memory",
      rule: "facts §9.3: an allocation leaves the min watermark and lowmem_reserve alone",
      retry: "maybe",
      remedy: [`online more memory on ${where}`, "end another load"],
      detail: `${missing} of ${pages} pages of ${id} (${kind}) found no room on ${where}`,
    };
  }
}

function pagesIn(result: PageResult): number {
  return "pages" in result ? result.pages : 0;
}

/** FNV-1a: a number for a text. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
