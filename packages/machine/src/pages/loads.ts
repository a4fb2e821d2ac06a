import { done, refused, type Result } from "@memhp/abi";
import type { LoadKind, NodePages } from "@memhp/engine";
import type { PageRequest } from "@memhp/hotplug";
import type { PageWork } from "@memhp/shards";
import { type ChurnRound, dueRounds, seedOfRound } from "./churn-rounds.ts";
import { LoadGrowth, noRoom } from "./load-growth.ts";
import { type LoadHost, type LoadSpec, pagesIn, type RunningLoad } from "./load-spec.ts";
import { refuseNotBuilt } from "./not-built.ts";

/** Whom the OOM killer ended. */
export interface KilledLoad extends Pick<LoadSpec, "id" | "kind"> {
  readonly pages: number;
}

/** Kinds that a process holds for itself, so that the OOM killer gains something by ending it. */
const processKinds: ReadonlySet<LoadKind> = new Set(["anon", "mlock", "thp", "pinned", "secret", "pagetable"]);

/** Who uses memory besides the kernel itself: loads, over all nodes. Each draws from a generator of the machine's seed. */
export class Loads {
  readonly #host: LoadHost;
  readonly #seed: number;
  readonly #running = new Map<string, RunningLoad>();
  readonly #growth: LoadGrowth;

  constructor(host: LoadHost, seed: number, running: readonly RunningLoad[] = []) {
    this.#host = host;
    this.#growth = new LoadGrowth(host);
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
    const missing = await this.#growth.grow(spec, pages);
    if (missing > 0) {
      await this.#free(spec);
      return refused(noRoom(spec, missing, pages));
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
    return this.#growth.growOn({ id, kind, sizeBytes: 0 }, this.#growth.nodesFor(undefined), pages);
  }

  /** It gives as many back, those of the farthest node first. */
  async shrink(id: string, pages: number): Promise<void> {
    let left = pages;
    for (const node of this.#growth.nodesFor(undefined).toReversed()) {
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
    for (const round of dueRounds(this.list(), nowNs)) await this.#churn(round);
    for (const load of this.list()) load.churnedNs = nowNs;
  }

  /** All of them free a part and only then allocate again, so that one gets what another had. */
  async #churn(round: ChurnRound): Promise<void> {
    const { fraction, loads } = round;
    const nodes = new Set(loads.flatMap(({ id }) => this.#nodesOf(id)));
    const requests = [...nodes].map((node): PageRequest => {
      const seed = seedOfRound(this.#seed, round, node);
      return { op: "churn", node, loads, fraction, seed, floors: this.#growth.floors(node) };
    });
    await this.#host.work(requests);
  }

  #nodesOf(id: string): number[] {
    const holds = (node: NodePages): boolean => node.owners.some(([name]) => name === `load:${id}`);
    return [...this.#host.pages.values()].filter(holds).map(({ node }) => node);
  }

  /** Free pages that programs leave in each zone of a node. */
  floors(node: number): number[] {
    return this.#growth.floors(node);
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
}
