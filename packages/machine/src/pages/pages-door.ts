import { checkedTask, oneOf, type Result, type Task, text, wholeNumber } from "@memhp/abi";
import type { NodePages, PageRun } from "@memhp/engine";
import type { BlockSurvey } from "@memhp/hotplug";
import type { Scheduler } from "../time/scheduler.ts";
import { checkAddress, checkBlocks, checkPresent } from "../doors/arguments.ts";
import { checkLoad } from "../doors/load-arguments.ts";
import type { LoadSpec, RunningLoad } from "./load-spec.ts";
import type { Loads } from "./loads.ts";
import type { MachinePages } from "./machine-pages.ts";

/** Programs that use memory, for who starts and ends them from outside: each change is a kernel thread. */
export class LoadsDoor {
  readonly #loads: Loads;
  readonly #scheduler: Scheduler;

  readonly #nodes: () => readonly number[];

  constructor(loads: Loads, scheduler: Scheduler, nodes: () => readonly number[]) {
    this.#nodes = nodes;
    this.#loads = loads;
    this.#scheduler = scheduler;
  }

  get(id: string): RunningLoad | undefined {
    return this.#loads.get(id);
  }
  list(): readonly RunningLoad[] {
    return this.#loads.list();
  }
  /** Base pages that a load holds now, over all nodes. */
  pagesOf(id: string): number {
    return this.#loads.pagesOf(id);
  }
  /** Base pages that a load holds now, by node. */
  placementOf(id: string): ReadonlyMap<number, number> {
    return this.#loads.placementOf(id);
  }
  /** Whom the OOM killer would end: the process that holds most. */
  largestProcess(): RunningLoad | undefined {
    return this.#loads.largestProcess();
  }
  /** Free pages that programs leave in each zone of a node. */
  floors(node: number): number[] {
    return this.#loads.floors(node);
  }

  /** Starts a load: all of it, or with ENOMEM none. */
  start(spec: LoadSpec): Task<Result<RunningLoad>> {
    return checkedTask(
      "loads.start",
      () => checkLoad("loads.start: load", spec, this.#nodes()),
      () => {
        const own = structuredClone(spec);
        return this.#scheduler.start(`load ${spec.id}`, () => this.#loads.start(own));
      },
    );
  }
  /** Ends a load; its pages are free. @returns base pages freed, or undefined where no such load runs. */
  end(id: string): Task<number | undefined> {
    return checkedTask(
      "loads.end",
      () => text("loads.end: id", id),
      () => this.#scheduler.start(`end of load ${id}`, () => this.#loads.end(id)),
    );
  }
  /** The pins of a load's pages end. */
  unpin(id: string): Task<void> {
    return checkedTask(
      "loads.unpin",
      () => text("loads.unpin: id", id),
      () => this.#scheduler.start(`unpin of load ${id}`, () => this.#loads.unpin(id)),
    );
  }
  /** What loads did by themselves since they were last looked at. */
  pass(): Task<void> | undefined {
    return this.#loads.list().length === 0 ? undefined : this.#scheduler.start("loads", () => this.#loads.pass());
  }
}

/** The pages of a whole machine, for who asks from outside: whatever is asked of shards is a kernel thread of its own. */
export class PagesDoor {
  readonly loads: LoadsDoor;
  readonly #pages: MachinePages;
  readonly #scheduler: Scheduler;

  constructor(pages: MachinePages, scheduler: Scheduler) {
    this.loads = new LoadsDoor(pages.loads, scheduler, () => [...pages.map.nodes.keys()]);
    this.#pages = pages;
    this.#scheduler = scheduler;
  }

  /** Nodes with memory, as an allocation of a node asks them. */
  get nodeOrder(): (node: number) => readonly number[] {
    return this.#pages.nodeOrder;
  }
  /** Node on which the program runs that offlines: the first with a processor. */
  get taskNode(): number {
    return this.#pages.taskNode;
  }
  /** Distance between nodes as the kernel believes it. */
  get distance(): (from: number, to: number) => number {
    return this.#pages.distance;
  }
  get pageSize(): number {
    return this.#pages.pageSize;
  }
  /** Base pages that were migrated since boot, on all nodes. */
  get migratedPages(): number {
    return this.#pages.migratedPages;
  }
  /** Counters of the nodes that are online. */
  counters(): NodePages[] {
    return this.#pages.counters();
  }
  /** Node whose page map holds a frame, or undefined where no block does. */
  nodeOfPfn(pfn: number): number | undefined {
    return this.#pages.nodeOfPfn(pfn);
  }
  /** max_huge_pages of a size. */
  maxHugepages(sizeKb: number): number {
    return this.#pages.maxHugepages(sizeKb);
  }

  /** One more reference to a used page, or one less. A page that is not in use stays as it is. */
  reference(pfn: number, change: 1 | -1): Task<void> {
    return checkedTask(
      "pages.reference",
      () => {
        wholeNumber("pages.reference: pfn", pfn);
        oneOf("pages.reference: change", change, [1, -1]);
      },
      () => this.#scheduler.start(`reference to pfn ${pfn}`, () => this.#pages.reference(pfn, change)),
    );
  }
  /** soft_offline_page and hard_offline_page: a physical address (facts §2.5). */
  offlinePage(kind: "soft" | "hard", address: number): Task<Result<void>> {
    return checkedTask(
      "pages.offlinePage",
      () => {
        oneOf("pages.offlinePage: kind", kind, ["soft", "hard"]);
        checkAddress("pages.offlinePage: address", address);
      },
      () => this.#scheduler.start(`${kind}_offline_page`, () => this.#pages.offlinePage(kind, address)),
    );
  }
  /** A write to nr_hugepages: of a node, or spread over all nodes with memory. Takes as many as there is room for. */
  setHugepages(node: number | undefined, sizeKb: number, count: number): Task<void> {
    return checkedTask(
      "pages.setHugepages",
      () => {
        if (node !== undefined) oneOf("pages.setHugepages: node", node, [...this.#pages.map.nodes.keys()]);
        oneOf("pages.setHugepages: sizeKb", sizeKb, this.#pages.hugepageSizesKb);
        wholeNumber("pages.setHugepages: count", count);
      },
      () => this.#scheduler.start("nr_hugepages", () => this.#pages.setHugepages(node, sizeKb, count)),
    );
  }
  dropCaches(what: 1 | 2 | 3): Task<void> {
    return checkedTask(
      "pages.dropCaches",
      () => oneOf("pages.dropCaches: what", what, [1, 2, 3]),
      () => this.#scheduler.start("drop_caches", () => this.#pages.dropCaches(what)),
    );
  }
  /** Frames of a range as runs, ascending and without a gap. */
  runs(startPfn: number, count: number): Task<readonly PageRun[]> {
    return checkedTask(
      "pages.runs",
      () => {
        wholeNumber("pages.runs: startPfn", startPfn);
        wholeNumber("pages.runs: count", count, { most: Number.MAX_SAFE_INTEGER - startPfn });
      },
      () => this.#scheduler.start("a look at pages", () => this.#pages.runs(startPfn, count)),
    );
  }
  /** Law 3: counters against a recount of the pages. Empty where all agree. */
  audit(): Task<readonly string[]> {
    return this.#scheduler.start("audit", () => this.#pages.audit());
  }
  /** What an offline would meet in blocks, without trying it: in the order of the blocks. */
  survey(blocks: readonly number[]): Task<readonly BlockSurvey[]> {
    return checkedTask(
      "pages.survey",
      () => checkBlocks("pages.survey: blocks", blocks),
      () =>
        this.#scheduler.start("survey", async () => {
          checkPresent("pages.survey: blocks", blocks, this.#pages.map);
          return this.#pages.survey(blocks);
        }),
    );
  }
}
