import { kernelMemory, type KernelRange } from "@memhp/engine";
import { type Kernel, kernelOf } from "@memhp/kernels";
import { type Board, layOutBoard } from "../board/board.ts";
import { bootParameters, parseBootOptions } from "../spec/boot-options.ts";
import { createLocalShard, createRemoteShard, type Shard, ShardSet, type WorkerFactory } from "@memhp/shards";
import { Machine } from "../machine.ts";
import type { MachineSpec } from "../spec/spec.ts";

export interface MachineOptions {
  /** The id of a kernel that memhp knows, or a kernel of the caller's own. */
  readonly kernel: string | Kernel;
  /** Workers to spread the nodes over; 0 runs everything in this thread. */
  readonly workers?: number;
  /** How workers are started; needed where `workers` is not 0. */
  readonly workerFactory?: WorkerFactory;
  /**
   * Boot blocks of which somebody has seen that they hold some of the kernel's own pages (`given` of a trace). By default they lie
   * where a kernel puts them: see `kernelMemory`.
   */
  readonly kernelBlocks?: readonly number[] | undefined;
  /** Seeds what loads draw; default 0. */
  readonly seed?: number;
}

/** Boots a kernel on a machine. @throws SpecError for a machine it cannot boot on, RangeError for an unknown kernel. */
export async function bootMachine(spec: MachineSpec, options: MachineOptions): Promise<Machine> {
  const kernel = typeof options.kernel === "string" ? kernelOf(options.kernel) : options.kernel;
  const bootOptions = parseBootOptions(spec.cmdline);
  const board = layOutBoard(kernel, spec, bootOptions);
  const parameters = bootParameters(kernel, bootOptions);
  const { shards, shardOf } = await startShards(board, options);
  const core = new ShardSet(board.layout, shards, shardOf, parameters);
  const machine = new Machine(spec, board, core, parameters, options.seed ?? 0);
  try {
    await core.learn();
    await machine.bootHugepages();
    await machine.plugColdDimms();
    return machine;
  } catch (error) {
    await machine.close();
    throw error;
  }
}

function kernelMemoryOf({ layout, possibleEndPfn }: Board): KernelRange[] {
  return kernelMemory(layout, layout.kernel.boot.memory, possibleEndPfn);
}

interface StartedShards {
  readonly shards: Shard[];
  readonly shardOf: Map<number, number>;
}

/** Spreads the nodes over the workers, round robin; a node never leaves its shard. */
async function startShards(board: Board, options: MachineOptions): Promise<StartedShards> {
  const { workers = 0, workerFactory, kernelBlocks } = options;
  const memory = kernelBlocks === undefined ? kernelMemoryOf(board) : { blocks: kernelBlocks };
  const nodes = board.possibleNodes;
  if (workers === 0) {
    const shard = createLocalShard({ kernel: board.kernel, layout: board.layout, owned: nodes, kernelMemory: memory });
    return { shards: [shard], shardOf: new Map(nodes.map((node) => [node, 0])) };
  }
  if (workerFactory === undefined) {
    throw new RangeError("workers need a worker factory: workerThreads() in Node, webWorkers() in a browser");
  }
  const count = Math.min(workers, nodes.length);
  const shardOf = new Map(nodes.map((node, i) => [node, i % count]));
  const started = await Promise.allSettled(
    Array.from({ length: count }, (_, i) =>
      createRemoteShard(
        {
          kernel: board.kernel,
          layout: board.layout,
          owned: nodes.filter((node) => shardOf.get(node) === i),
          kernelMemory: memory,
        },
        workerFactory(i),
      ),
    ),
  );
  const shards = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failed = started.find((result) => result.status === "rejected");
  if (failed === undefined) return { shards, shardOf };
  // One that did not start must not leave the others running.
  await Promise.all(shards.map((shard) => shard.close()));
  throw failed.reason;
}
