import {
  addRange,
  BlockFlag,
  forgetPoison,
  addUnmovablePage,
  nodeHasBlocks,
  nodeOf,
  removeUnmovablePages,
  removeRange,
} from "@memhp/engine";
import { OWN_OWNER, TOLD_OWNER } from "./kernel-pages-owner.ts";
import type { NodeRequest, RequestResult } from "./request.ts";
import type { NodeWorkHost } from "./node-work-host.ts";
import { keepWithheld, releaseWithheld, syncManagedOf } from "./withheld.ts";

type ImmediateRequest = Exclude<NodeRequest, { op: "online" | "offline" | "withhold" }>;
type Remove = Extract<NodeRequest, { op: "remove" }>;

/** A request that takes no block through its statechart: what came of it, and when it was over. */
export function performImmediate(
  host: NodeWorkHost,
  request: ImmediateRequest,
  startNs: number,
): { readonly result: RequestResult; readonly endNs: number } {
  const work = new Work(host, request.node, startNs);
  const result = work.perform(request);
  return { result, endNs: work.nowNs };
}

class Work {
  readonly #host: NodeWorkHost;
  readonly #node: number;
  nowNs: number;

  constructor(host: NodeWorkHost, node: number, startNs: number) {
    this.#host = host;
    this.#node = node;
    this.nowNs = startNs;
  }

  perform(request: ImmediateRequest): RequestResult {
    const { map } = this.#host;
    if (request.op === "add") return this.#add(request);
    if (request.op === "remove") return this.#remove(request);
    if (request.op === "remember_type") {
      map.blocks.setOnlineType(request.block, request.type);
      this.#host.touched(request.block);
      return { op: "remember_type" };
    }
    if (request.op === "set_unmovable") {
      const store = this.#host.stores.of(this.#node);
      this.#host.pagesTouched(this.#node);
      const early = map.blocks.hasFlag(request.block, BlockFlag.early);
      if (request.unmovable) addUnmovablePage(store, request.block, TOLD_OWNER, early);
      else for (const owner of [TOLD_OWNER, OWN_OWNER]) removeUnmovablePages(store, request.block, owner);
      map.blocks.setFlag(request.block, BlockFlag.unmovable, request.unmovable);
      this.#host.touched(request.block);
      return { op: "set_unmovable" };
    }
    if (request.op === "release") {
      this.#host.pagesTouched(this.#node);
      releaseWithheld(map, this.#host.stores, this.#node, request);
      syncManagedOf(this.#host, this.#node, Math.floor(request.startPfn / map.blockPages));
      this.nowNs += this.#host.costs.release;
      return { op: "release" };
    }
    for (const block of request.blocks) {
      map.blocks.setFlag(block, BlockFlag.firmware, true);
      this.#host.touched(block);
    }
    return { op: "set_firmware" };
  }

  #add(range: Extract<NodeRequest, { op: "add" }>): RequestResult {
    const node = nodeOf(this.#host.map, range.node);
    const wasOnline = node.online;
    const blocks = addRange(this.#host.map, range);
    this.#touchRange(range);
    for (const kept of range.withheld ?? [])
      keepWithheld(this.#host.map, Math.floor(kept.startPfn / this.#host.map.blockPages), kept);
    const { nodeAppears } = this.#host.kernel.hotplug;
    if (!wasOnline && nodeAppears === "before-blocks") this.#nodeAppears(node.id);
    for (const block of blocks) {
      this.#blockUevent("add", block);
      this.nowNs += this.#host.costs.addBlock;
    }
    this.#host.appeared(blocks);
    if (!wasOnline && nodeAppears === "after-blocks") this.#nodeAppears(node.id);
    return { op: "add", blocks, nodeAppeared: !wasOnline };
  }

  #nodeAppears(node: number): void {
    this.#nodeUevent("add", node);
    this.nowNs += this.#host.costs.addBlock;
  }

  #remove({ startPfn, nrPages, cpus, strays }: Remove): RequestResult {
    const { map, stores } = this.#host;
    const node = nodeOf(map, this.#node);
    const blocks = removeRange(map, { node: this.#node, startPfn, nrPages }, strays);
    this.#touchRange({ startPfn, nrPages });
    this.#host.pagesTouched(this.#node);
    for (const block of blocks) {
      forgetPoison(stores.of(this.#node), block);
      this.#host.removed(block);
      this.#blockUevent("remove", block);
      this.#host.touched(block);
      this.nowNs += this.#host.costs.removeBlock;
    }
    // try_offline_node: the last memory of a node without processors takes the node along (facts §5.2).
    const nodeVanished = node.online && !cpus && !nodeHasBlocks(map, this.#node);
    if (nodeVanished) {
      node.online = false;
      // Its wait tables go too (del-node1-whole).
      for (const zone of node.zones) zone.initialised = false;
      this.#nodeUevent("remove", node.id);
      this.nowNs += this.#host.costs.removeBlock;
    }
    return { op: "remove", blocks, nodeVanished };
  }

  /** Rows that are there: blocks may have gained or lost some of their sections. */
  #touchRange({ startPfn, nrPages }: { readonly startPfn: number; readonly nrPages: number }): void {
    const { map } = this.#host;
    const endPfn = startPfn + nrPages;
    for (let id = Math.floor(startPfn / map.blockPages); id * map.blockPages < endPfn; id++)
      if (map.blocks.has(id)) this.#host.touched(id);
  }

  #blockUevent(action: string, block: number): void {
    this.#host.log.emitMemoryUevent(this.nowNs, this.#node, action, block);
  }

  #nodeUevent(action: string, node: number): void {
    const devpath = `/devices/system/node/node${node}`;
    this.#host.log.emit(this.nowNs, this.#node, { type: "uevent", action, devpath, subsystem: "node" });
  }
}
