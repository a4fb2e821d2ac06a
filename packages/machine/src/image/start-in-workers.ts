import {
  createRemoteShard,
  deferredShards,
  roundMemory,
  type RoundMemory,
  type Shard,
  type ShardInit,
  type WorkerFactory,
  type WorkerTransport,
} from "@memhp/shards";
import type { Board } from "../board/board.ts";
import { nodeDistance } from "../board/distances.ts";
import { taskNodeOf } from "../board/task-node.ts";
import type { MachineSpec } from "../spec/spec.ts";

/** Whose shards go to workers. */
interface WorkersOf {
  readonly workerFactory: WorkerFactory;
  readonly spec: MachineSpec;
  readonly board: Board;
  /** Numbers of all nodes of the machine. */
  readonly nodes: readonly number[];
}

/** Shards in workers, all of them or none. */
export async function startInWorkers(inits: readonly ShardInit[], machine: WorkersOf): Promise<Shard[]> {
  const transports = inits.map((_, i) => machine.workerFactory(i));
  const rounds = roundsOf(transports, machine);
  const started = await Promise.allSettled(
    inits.map((init, i) =>
      createRemoteShard(rounds === undefined ? init : { ...init, rounds: rounds(i) }, transports[i] as WorkerTransport),
    ),
  );
  const running = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failed = started.find((result) => result.status === "rejected");
  if (failed === undefined) return running;
  // One that did not start must not leave the others running.
  await Promise.all(running.map((shard) => shard.close()));
  throw failed.reason;
}

/** Shards in this thread, which go to workers when their memory is first used. @param init what those begin with besides their nodes. */
export function startLater(shards: readonly Shard[], init: Omit<ShardInit, "nodes">, machine: WorkersOf): Shard[] {
  return deferredShards(shards, (images) =>
    startInWorkers(
      images.map((nodes) => ({ ...init, nodes })),
      machine,
    ),
  );
}

/** What shards need to plan rounds among themselves; undefined where they cannot. */
function roundsOf(
  transports: readonly WorkerTransport[],
  { spec, board, nodes }: WorkersOf,
): ((shard: number) => NonNullable<ShardInit["rounds"]>) | undefined {
  if (transports.length < 2 || !transports.every(({ sharesMemory }) => sharesMemory === true)) return undefined;
  const memory = roundMemory(transports.length);
  if (memory === undefined) return undefined;
  const distance = nodeDistance(board, spec);
  const isPlain = spec.distances === undefined && board.physicalNodes === undefined;
  const last = Math.max(...nodes);
  const each = Array.from({ length: last + 1 }, (_, node) => node);
  const distances = isPlain ? {} : { distances: each.map((from) => each.map((to) => distance(from, to))) };
  return (shard) => ({ memory: memory[shard] as RoundMemory, taskNode: taskNodeOf(board), ...distances });
}
