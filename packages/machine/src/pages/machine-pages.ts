import { groupBy, done, errnoFromNumber, errnoNumber, hugepageOrders, refused, type Result } from "@memhp/abi";
import { type MemoryMap, type NodePages, type PageRun, softOfflineDestination } from "@memhp/engine";
import type { BlockSurvey, PageRequest } from "@memhp/hotplug";
import { ReplicaIndex } from "../kernel/replica-index.ts";
import type { Board } from "../board/board.ts";
import { taskNodeOf } from "../board/task-node.ts";
import { findTargets, nodeOrder, type PageWork, type ShardSet, TargetAllocator } from "@memhp/shards";
import type { LoadHost, RunningLoad } from "./load-spec.ts";
import { Loads } from "./loads.ts";
import type { Kernel } from "@memhp/kernels";

export interface MachinePagesOptions {
  readonly kernel: Kernel;
  readonly shards: ShardSet;
  readonly board: Board;
  readonly image: { readonly seed: number; readonly loads: readonly RunningLoad[] };
  readonly distance: (from: number, to: number) => number;
  readonly setAlarm: LoadHost["setAlarm"];
  /** A program begins to use memory of a node. */
  readonly used: LoadHost["used"];
}

/** The pages of a whole machine: who uses them, and what the kernel does with single ones. */
export class MachinePages {
  readonly loads: Loads;
  /** Nodes with memory, as an allocation of a node asks them. */
  readonly nodeOrder: (node: number) => readonly number[];
  /** Node on which the program runs that offlines: the first with a processor. */
  readonly taskNode: number;
  /** Distance between nodes as the kernel believes it. */
  readonly distance: (from: number, to: number) => number;
  readonly #shards: ShardSet;
  readonly #board: Board;

  constructor({ kernel, shards, board, image, distance, setAlarm, used }: MachinePagesOptions) {
    this.#shards = shards;
    this.#board = board;
    const { map } = shards;
    const taskNode = taskNodeOf(board);
    const { pageSize } = this;
    this.nodeOrder = (node) => nodeOrder({ map, distance }, node);
    this.taskNode = taskNode;
    this.distance = distance;
    this.loads = new Loads(
      {
        kernel,
        map,
        pages: shards.pages,
        pageSize,
        taskNode,
        get nowNs() {
          return shards.clock.nowNs;
        },
        nodeOrder: this.nodeOrder,
        floors: new ReplicaIndex(shards).floors,
        work: (requests) => shards.work(requests),
        emit: (body) => shards.emit(body),
        setAlarm,
        used,
      },
      image.seed,
      image.loads,
    );
    shards.targetServer = new TargetAllocator({
      map,
      distance,
      taskNode,
      killForMemory: (work, atNs) => this.#killForMemory(work, atNs),
    });
  }

  get pageSize(): number {
    return 2 ** this.#board.arch.pageShift;
  }

  get map(): MemoryMap {
    return this.#shards.map;
  }
  get #map(): MemoryMap {
    return this.#shards.map;
  }

  /** Sizes that hugepages have. */
  get hugepageSizesKb(): readonly number[] {
    return hugepageOrders(this.#board.arch).map((order) => (2 ** order * this.pageSize) / 1024);
  }

  /** Base pages that were migrated since boot, by whatever moved them, on all nodes. */
  get migratedPages(): number {
    return [...this.#shards.pages.values()].reduce((sum, { migrateSuccess }) => sum + migrateSuccess, 0);
  }

  /** Counters of the nodes that are online. */
  counters(): NodePages[] {
    return [...this.#shards.pages.values()].filter(({ node }) => this.#map.nodes.get(node)?.online === true);
  }

  async #killForMemory(work: PageWork, atNs: number): Promise<string | undefined> {
    const killed = await this.loads.killLargest(work);
    if (killed === undefined) return undefined;
    this.#shards.emitAt(atNs, { type: "load", change: "killed", ...killed });
    this.#shards.emitAt(atNs, { type: "log", level: 3, text: `Out of memory: Kill process (load ${killed.id})` });
    return killed.id;
  }

  /** Node whose page map holds a frame, or undefined where no block does. */
  nodeOfPfn(pfn: number): number | undefined {
    const block = Math.floor(pfn / this.#map.blockPages);
    if (!this.#map.blocks.has(block)) return undefined;
    const part = this.#map.parts.get(block)?.find((each) => pfn >= each.startPfn && pfn < each.endPfn);
    return part?.ram === true ? part.node : this.#map.blocks.node(block);
  }

  /** One more reference to a used page, or one less. A page that is not in use stays as it is. */
  async reference(pfn: number, change: 1 | -1): Promise<void> {
    const node = this.nodeOfPfn(pfn);
    if (node !== undefined) await this.#shards.work([{ op: "reference", node, pfn, change }]);
  }

  /** soft_offline_page and hard_offline_page: a physical address (facts §2.5). */
  async offlinePage(kind: "soft" | "hard", address: number): Promise<Result<void>> {
    const pfn = Math.floor(address / this.pageSize);
    const node = this.nodeOfPfn(pfn);
    if (node === undefined) {
      return refused({
        errno: kind === "hard" ? this.#map.kernel.pages.pageOffline.hardNoMemory : "ENXIO",
        code: "out_of_range",
        rule: `facts §2.5: ${kind}_offline_page: no memory at this address`,
        retry: "no",
        remedy: ["give a physical address inside memory (/proc/iomem shows it)"],
      });
    }
    const work: PageWork = (requests) => this.#shards.work(requests);
    const request = { op: "offline_page", node, pfn, kind } as const;
    const [first] = await work([request]);
    if (first?.op !== "offline_page") throw new Error("memhp bug: no answer to a page offline");
    if (first.wants === undefined) return first.result;
    const { zone, folios } = first.wants;
    const destination = softOfflineDestination(this.#map.kernel.pages, node, zone, this);
    const { found } = await findTargets(this.#map, folios, destination, work);
    const [last] = await work([{ ...request, found }]);
    return last?.op === "offline_page" ? last.result : first.result;
  }

  /** A write to nr_hugepages: of a node, or spread over all nodes with memory. Takes as many as there is room for. */
  async setHugepages(node: number | undefined, sizeKb: number, count: number): Promise<void> {
    const order = Math.round(Math.log2((sizeKb * 1024) / this.pageSize));
    const nodes =
      node === undefined ? [...this.#map.nodes.values()].filter((n) => n.hasMemory).map((n) => n.id) : [node];
    const total = (id: number): number =>
      this.#shards.pages.get(id)?.hugepages.find((pool) => pool.order === order)?.total ?? 0;
    const all = (): number => nodes.reduce((sum, id) => sum + total(id), 0);
    // hstate_next_node: one node after the other, until none has room (or, downwards, a free one) any more.
    for (let before = -1; all() !== count && all() !== before;) {
      before = all();
      const step = Math.trunc((count - before) / nodes.length);
      const rest = (count - before) % nodes.length;
      const requests = nodes.map((id, i): PageRequest => {
        const change = step + (i < Math.abs(rest) ? Math.sign(rest) : 0);
        return { op: "hugepages", node: id, order, count: Math.max(0, total(id) + change) };
      });
      await this.#shards.work(requests);
    }
  }

  /** max_huge_pages of a size. */
  maxHugepages(sizeKb: number): number {
    const order = Math.round(Math.log2((sizeKb * 1024) / this.pageSize));
    let target = 0;
    for (const node of this.#shards.pages.values())
      for (const pool of node.hugepages) if (pool.order === order) target += pool.target;
    return target;
  }

  /**
   * struct pages for memory that is added to a node: on the node itself, else on the nearest that has kernel memory (facts
   * §5.1 step 4; observed-6 §4).
   * @returns the node that holds them, or why there is no room.
   */
  async takeMemmap(node: number, pages: number): Promise<Result<number>> {
    for (const home of this.nodeOrder(node)) {
      const [result] = await this.#shards.work([{ op: "memmap", node: home, pages }]);
      if (result?.op === "memmap" && result.taken) return done(home);
    }
    return refused({
      errno: "ENOMEM",
      code: "no_target_memory",
      rule: "facts §5.1 step 4: struct pages of added memory lie in memory that is there already",
      node,
      retry: "maybe",
      remedy: ["end a load that holds kernel memory"],
      detail: `${pages} pages of memmap found no room`,
    });
  }

  async giveMemmapBack(home: number, pages: number): Promise<void> {
    await this.#shards.work([{ op: "memmap", node: home, pages: -pages }]);
  }

  async dropCaches(what: 1 | 2 | 3): Promise<void> {
    await this.#shards.work([...this.#shards.pages.keys()].map((node) => ({ op: "drop_caches", node, what })));
  }

  /** Frames of a range as runs, ascending and without a gap. */
  async runs(startPfn: number, count: number): Promise<readonly PageRun[]> {
    const requests: Extract<PageRequest, { op: "runs" }>[] = [];
    const { blockPages } = this.#map;
    let ids: readonly number[] | undefined;
    const nextBlock = (block: number): number => {
      ids ??= [...this.#map.blocks.ids()];
      return ids.find((id) => id > block) ?? Number.POSITIVE_INFINITY;
    };
    for (let pfn = startPfn; pfn < startPfn + count;) {
      const block = Math.floor(pfn / blockPages);
      const parts = this.#map.parts.get(block);
      const part = parts?.find((each) => pfn >= each.startPfn && pfn < each.endPfn);
      const isWithin = startPfn + count <= (block + 1) * blockPages;
      const next = isWithin || this.#map.blocks.has(block) ? block + 1 : nextBlock(block);
      const end = Math.min(part?.endPfn ?? next * blockPages, startPfn + count);
      requests.push({ op: "runs", node: this.nodeOfPfn(pfn) ?? -1, startPfn: pfn, count: end - pfn });
      pfn = end;
    }
    const known = await this.#shards.work(requests.filter(({ node }) => node >= 0));
    let next = 0;
    return requests.flatMap(({ node, startPfn: pfn, count: frames }): readonly PageRun[] => {
      const result = node < 0 ? undefined : known[next++];
      return result?.op === "runs" ? result.runs : [{ startPfn: pfn, count: frames, page: undefined }];
    });
  }

  /** Law 3: counters against a recount of the pages. Empty where all agree. */
  async audit(): Promise<readonly string[]> {
    const results = await this.#shards.work([...this.#shards.pages.keys()].map((node) => ({ op: "audit", node })));
    return results.flatMap((result) => (result.op === "audit" ? result.wrong : []));
  }

  /** What an offline would meet in blocks, without trying it: in the order of the blocks. */
  async survey(blocks: readonly number[]): Promise<readonly BlockSurvey[]> {
    const byNode = groupBy(blocks, (block) => this.#map.blocks.node(block));
    // The file takes a number; the chain answers with its name.
    const number = errnoNumber(this.#shards.injection?.errors.MEM_GOING_OFFLINE ?? 0);
    const injected = number === 0 ? 0 : errnoFromNumber(number);
    const results = await this.#shards.work(
      [...byNode].map(([node, list]) => ({ op: "survey", node, blocks: list, injected })),
    );
    const surveys = new Map(
      results.flatMap((result) => (result.op === "survey" ? result.blocks : [])).map((each) => [each.block, each]),
    );
    return blocks.flatMap((block) => surveys.get(block) ?? []);
  }
}
