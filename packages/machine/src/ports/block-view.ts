import { BlockFlag, BlockState, isRemovable, type MemoryMap, nodesOfBlock, validZones } from "@memhp/engine";
import type { ShardSet } from "@memhp/shards";
import type { BlockView } from "@memhp/sysfs";
import type { Board } from "../board/board.ts";

/** Of what a block's files tell. */
export interface BlockViewHost {
  readonly board: Board;
  readonly map: MemoryMap;
  readonly shards: Pick<ShardSet, "groups">;
  /** ACPI path of the device that a block is bound to, relative to the block's directory. */
  firmwareNode(block: number): string | undefined;
}

const stateText = (state: BlockState): BlockView["state"] => {
  // There is no text for going online: the block reads offline until it is done (facts/kernel.md §2.2).
  if (state === BlockState.online) return "online";
  return state === BlockState.goingOffline ? "going-offline" : "offline";
};

/** A class: each file asks for one of its fields, and a state for one of each block. */
class FilesOfBlock implements BlockView {
  readonly id: number;
  readonly state: BlockView["state"];
  /** The device flag flips only when the transition is over (facts/kernel.md §2.10). */
  readonly deviceOnline: boolean;
  readonly #host: BlockViewHost;

  constructor(host: BlockViewHost, id: number, state: BlockState) {
    this.#host = host;
    this.id = id;
    this.state = stateText(state);
    this.deviceOnline = state === BlockState.online || state === BlockState.goingOffline;
  }

  get validZones(): string {
    const { map, shards } = this.#host;
    return validZones(map, this.id, shards.groups.policyFor(map.blocks.node(this.id)));
  }
  get removable(): boolean {
    return isRemovable(this.#host.map, this.id);
  }
  get nodes(): readonly number[] {
    return nodesOfBlock(this.#host.map, this.id);
  }
  get physDevice(): number {
    const { platform, blockSizeBytes } = this.#host.board;
    return platform.physDevice?.(this.id, blockSizeBytes) ?? 0;
  }
  get firmwareNode(): string | undefined {
    const { map } = this.#host;
    return map.blocks.hasFlag(this.id, BlockFlag.firmware) ? this.#host.firmwareNode(this.id) : undefined;
  }
}

/** A block as its files show it now; undefined where there is none. */
export function blockViewOf(host: BlockViewHost, id: number): BlockView | undefined {
  const state = host.map.blocks.state(id);
  return state === BlockState.absent ? undefined : new FilesOfBlock(host, id, state);
}
