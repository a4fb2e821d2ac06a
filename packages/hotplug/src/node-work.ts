import type { Refusal } from "@memhp/abi";
import type { BlockHandle, BlockLeaf, BlockPorts, BlockStep } from "@memhp/block";
import { BlockState } from "@memhp/engine";
import { performImmediate } from "./immediate-requests.ts";
import { blockStepActions } from "./block-steps.ts";
import { type RangeTurn, RangeWork } from "./range-steps.ts";
import type { TargetAnswer, TargetRequest } from "./target-requests.ts";
import {
  type BlockOutcome,
  type NodeRequest,
  type RangeOutcome,
  type RequestResult,
  type StateRequest,
  typeOfRequest,
  type WithholdRequest,
} from "./request.ts";
import {
  type BlockOperation,
  newOperation,
  type StepAnswer,
  type StepAwaitingTargets,
  type StepResult,
} from "./step-context.ts";
import type { NodeWorkHost } from "./node-work-host.ts";
import { syncManagedOf } from "./withheld.ts";

const stateOfLeaf = (leaf: BlockLeaf): BlockState => {
  if (leaf === "online") return BlockState.online;
  if (leaf === "offline") return BlockState.offline;
  return leaf.startsWith("going_online") ? BlockState.goingOnline : BlockState.goingOffline;
};

function notBegun(block: number, node: number): Refusal {
  const remedy = ["write to the block again"];
  const rule = "facts §4.1 step 7: a signal ended the writer before it came to this block";
  return { errno: "EINTR", code: "signal", rule, block, node, retry: "yes", remedy };
}

function patienceOf(request: StateRequest): number {
  return (request.op === "offline" ? request.patienceNs : undefined) ?? Number.POSITIVE_INFINITY;
}

/** A request with its place in the batch. */
export interface QueuedRequest {
  readonly request: NodeRequest;
  readonly index: number;
}

interface Running {
  readonly op: BlockOperation;
  readonly handle: BlockHandle;
  readonly isOnline: boolean;
}

/** The work of one node, one request and one block after another, in simulated time. */
export class NodeWork {
  readonly node: number;
  readonly #host: NodeWorkHost;
  readonly #queue: QueuedRequest[];
  readonly results: Map<number, RequestResult> = new Map();
  nowNs: number;

  #blocks: { next: number; outcomes: BlockOutcome[] } | undefined;
  #running: Running | undefined;
  #pending: BlockStep | undefined;
  readonly #ports: BlockPorts = {
    perform: (step) => {
      this.#pending = step;
    },
  };
  /** What the last step came to; the statechart is told when the step's time is over. */
  #answer: StepAnswer | undefined;
  /** A step that waits for memory of other nodes. */
  #targetRequest: StepAwaitingTargets | undefined;
  /** A driver's wish for frames that is under way, and what it waits for. */
  #range:
    | { readonly work: RangeWork; waits?: Extract<RangeTurn, { targetRequest: unknown }>; outcome?: RangeOutcome }
    | undefined;
  /** The last step changed nothing, and nothing in this batch ever will. */
  #stalled = false;
  #interrupted = false;

  constructor(host: NodeWorkHost, node: number, startNs: number, queue: QueuedRequest[]) {
    this.#host = host;
    this.node = node;
    this.nowNs = startNs;
    this.#queue = queue;
  }

  get finished(): boolean {
    return this.#queue.length === 0;
  }

  /** What this node waits for until `answer` brings it. */
  get targetRequest(): TargetRequest | undefined {
    return (this.#targetRequest ?? this.#range?.waits)?.targetRequest;
  }

  /** True where only something outside of the batch can help: a signal, or pages that somebody frees. */
  get stalled(): boolean {
    return this.#stalled;
  }

  /** Goes on with the step that waited. */
  answer(answer: TargetAnswer): void {
    const wanted = this.#range?.waits;
    if (wanted !== undefined) {
      this.#takeTurn("killed" in answer ? wanted.restart() : wanted.resume(answer.found, answer.targets));
      return;
    }
    const waiting = this.#targetRequest;
    if (waiting === undefined) throw new Error(`memhp bug: node ${this.node} asked for nothing`);
    this.#targetRequest = undefined;
    this.#settle("killed" in answer ? waiting.restart() : waiting.resume(answer.found, answer.targets));
  }

  /** The writer of the online or offline under way gets a signal; what it had not begun yet, it does not begin. */
  interrupt(atNs: number): void {
    this.#interrupted = true;
    if (this.#running !== undefined) this.#running.op.signalAtNs = Math.min(this.#running.op.signalAtNs, atNs);
  }

  /** Begins and ends no step at or after `untilNs`. */
  async advance(untilNs: number): Promise<void> {
    this.#stalled = false;
    while (this.#queue.length > 0 && this.nowNs < untilNs) {
      const head = this.#queue[0] as QueuedRequest;
      const { request } = head;
      if (request.op === "online" || request.op === "offline") {
        const finished = this.#advanceBlocks(request, untilNs);
        if (!(finished instanceof Promise ? await finished : finished)) return;
        this.results.set(head.index, { op: request.op, outcomes: this.#blocks?.outcomes ?? [] });
        this.#blocks = undefined;
      } else if (request.op === "withhold") {
        const outcome = this.#advanceRange(request, untilNs);
        if (outcome === undefined) return;
        this.results.set(head.index, { op: "withhold", outcome });
        this.#range = undefined;
      } else {
        const { result, endNs } = performImmediate(this.#host, request, this.nowNs);
        this.results.set(head.index, result);
        this.nowNs = endNs;
      }
      this.#queue.shift();
    }
  }

  /** Undefined where time is up, or where it waits for memory of other nodes. */
  #advanceRange(request: WithholdRequest, untilNs: number): RangeOutcome | undefined {
    const range = (this.#range ??= { work: new RangeWork(request) });
    while (range.waits === undefined) {
      if (this.nowNs >= untilNs) return undefined;
      if (range.outcome !== undefined) {
        syncManagedOf(this.#host, this.node, Math.floor(request.startPfn / this.#host.map.blockPages));
        return range.outcome;
      }
      this.#takeTurn(range.work.turn(this.#host.context(this.nowNs, this.node)));
    }
    return undefined;
  }

  #takeTurn(turn: RangeTurn): void {
    const range = this.#range;
    if (range === undefined) return;
    delete range.waits;
    const { withhold, migratePage } = this.#host.costs;
    this.nowNs += range.work.takeMoved() * migratePage;
    if (turn === "again") return;
    if ("targetRequest" in turn) range.waits = turn;
    else {
      this.nowNs += withhold;
      range.outcome = turn;
    }
  }

  /** Runs blocks until the request is done (true) or time is up (false). Synchronous unless a callback is not, or many blocks have run. */
  #advanceBlocks(request: StateRequest, untilNs: number): boolean | Promise<boolean> {
    this.#blocks ??= { next: 0, outcomes: [] };
    const progress = this.#blocks;
    for (;;) {
      if (this.#running === undefined) {
        const lastFailed = typeof progress.outcomes.at(-1) === "object";
        if (progress.next >= request.blocks.length || (request.stopAtFailure === true && lastFailed)) return true;
        const breath = this.#host.breathe();
        if (breath !== undefined) return breath.then(() => this.#advanceBlocks(request, untilNs));
        const passed = this.#passIdle(request, progress.next, untilNs);
        for (let i = 0; i < passed; i++) progress.outcomes.push("changed");
        progress.next += passed;
        if (passed > 0) continue;
        const block = request.blocks[progress.next++] as number;
        if (this.#interrupted) progress.outcomes.push({ refusal: notBegun(block, this.node) });
        else this.#begin(request, block);
        continue;
      }
      if (this.#targetRequest !== undefined) return false;
      if (this.#answer === undefined && this.#pending === undefined) {
        progress.outcomes.push(this.#finish());
        continue;
      }
      if (this.nowNs >= untilNs || !this.#waitIdly(untilNs)) return false;
      if (this.#answer !== undefined) {
        this.#send(this.#answer);
        continue;
      }
      const stepped = this.#step();
      if (stepped instanceof Promise) return stepped.then(() => this.#advanceBlocks(request, untilNs));
    }
  }

  /** How many blocks from here on need not take their steps one by one; they have passed then. */
  #passIdle(request: StateRequest, from: number, untilNs: number): number {
    const idle = this.#host.idle();
    if (idle === undefined || this.#interrupted) return 0;
    const beforeNs = Math.min(untilNs, request.signalAtNs ?? Number.POSITIVE_INFINITY);
    const passed = idle.pass(this.#host.context(this.nowNs, this.node), request, from, beforeNs);
    if (passed === undefined) return 0;
    this.nowNs = passed.endNs;
    this.#host.passed(this.node, request.blocks[from] as number, passed.count);
    return passed.count;
  }

  #begin(request: StateRequest, block: number): void {
    const { map } = this.#host;
    const isOnline = request.op === "online";
    const rest = isOnline ? BlockState.online : BlockState.offline;
    if (map.blocks.state(block) === rest) {
      this.#blocks?.outcomes.push("unchanged");
      return;
    }
    const type = typeOfRequest(map, request, block);
    const patienceEndNs = this.nowNs + patienceOf(request);
    const signalAtNs = Math.min(request.signalAtNs ?? Number.POSITIVE_INFINITY, patienceEndNs);
    const op = newOperation(block, type, signalAtNs, patienceEndNs);
    const handle = this.#host.open(block, this.#ports);
    this.#by = request.by;
    this.#running = { op, handle, isOnline };
    this.#send(isOnline ? { type: "ONLINE", onlineType: type } : { type: "OFFLINE" });
  }

  #send(event: Parameters<BlockHandle["send"]>[0]): void {
    const { handle, op } = this.#running as Running;
    const { map, log } = this.#host;
    const from = handle.leaf;
    this.#answer = undefined;
    handle.send(event);
    const to = handle.leaf;
    map.blocks.setState(op.block, stateOfLeaf(to));
    if (log.wants.block) log.emitBlock(this.nowNs, this.node, op.block, from, to);
    if (event.type === "FAILED") {
      const by = this.#by === undefined ? {} : { by: this.#by };
      log.emit(this.nowNs, this.node, { type: "refusal", refusal: event.refusal, ...by });
    }
    this.#failure = event.type === "FAILED" ? event.refusal : this.#failure;
    this.#host.touched(op.block);
  }

  /** Who asks for what runs. */
  #by: string | undefined;
  #failure: Refusal | undefined;

  /** Does the pending step now; its answer waits until its simulated time is over. */
  #step(): void | Promise<void> {
    const step = this.#pending as BlockStep;
    const { op } = this.#running as Running;
    this.#pending = undefined;
    const result = blockStepActions[step](this.#host.context(this.nowNs, this.node), op);
    this.#stepCostNs = this.#host.costs.steps[step];
    return result instanceof Promise ? result.then((settled) => this.#settle(settled)) : this.#settle(result);
  }

  #stepCostNs = 0;

  #settle(result: StepResult): void {
    if ("targetRequest" in result) {
      this.#targetRequest = result;
      return;
    }
    const { op } = this.#running as Running;
    this.nowNs += this.#stepCostNs + op.extraNs;
    op.extraNs = 0;
    this.#answer = result;
  }

  /**
   * Lets time pass while the operation can only try the same again: to the moment at which it gives up, but no further
   * than this batch may go. False where that moment is later, or never comes.
   */
  #waitIdly(untilNs: number): boolean {
    const { op } = this.#running as Running;
    const { idleUntilNs } = op;
    if (idleUntilNs === undefined) return true;
    delete op.idleUntilNs;
    const endNs = Math.max(this.nowNs, Math.min(idleUntilNs, op.signalAtNs));
    if (endNs < untilNs) {
      this.nowNs = endNs;
      return true;
    }
    this.#stalled = untilNs === Number.POSITIVE_INFINITY;
    if (!this.#stalled) this.nowNs = untilNs;
    return false;
  }

  #finish(): BlockOutcome {
    const { op, handle, isOnline } = this.#running as Running;
    handle.release();
    this.#running = undefined;
    // The type is used up by an online, successful or not (facts §2.8).
    if (isOnline) this.#host.map.blocks.setOnlineType(op.block, undefined);
    const refusal = this.#failure;
    this.#failure = undefined;
    this.#host.touched(op.block);
    return refusal === undefined ? "changed" : { refusal, told: true };
  }
}
