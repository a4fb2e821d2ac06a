import {
  addBalance,
  balanceOfNode,
  dynamicGroupBalance,
  type DynamicGroup,
  type MemoryMap,
  type OnlinePolicy as ZonePolicy,
  type PolicyInput,
} from "@memhp/engine";
import type { MemoryImage } from "./memory-image.ts";

/** How a block that goes online by itself, or as `online`, gets its zone; what is written here counts from then on. */
export type OnlinePolicy = Omit<ZonePolicy, "movableNode">;

/** Memory groups (the DIMMs and devices that memory comes with), and what auto-movable makes of them and of the other nodes. */
export class MemoryGroups {
  readonly #map: MemoryMap;
  readonly #policy: OnlinePolicy;
  /** Boot option movable_node. */
  readonly #movableNode: boolean;
  readonly #pages: Map<number, number>;
  readonly #dynamic: DynamicGroup[];

  constructor(
    map: MemoryMap,
    policy: OnlinePolicy,
    movableNode: boolean,
    { groupPages, dynamicGroups = [] }: Pick<MemoryImage, "groupPages" | "dynamicGroups">,
  ) {
    this.#map = map;
    this.#policy = policy;
    this.#movableNode = movableNode;
    this.#pages = new Map(groupPages);
    this.#dynamic = [...dynamicGroups];
  }

  snapshot(): Pick<MemoryImage, "groupPages" | "dynamicGroups"> {
    return {
      groupPages: [...this.#pages],
      ...(this.#dynamic.length === 0 ? {} : { dynamicGroups: [...this.#dynamic] }),
    };
  }

  /** auto-movable weighs the whole machine. */
  get weighsOtherNodes(): boolean {
    return this.#policy.policy === "auto-movable";
  }

  /** Pages of a memory group (one DIMM), which auto-movable weighs. */
  addPages(group: number, pages: number): void {
    this.#pages.set(group, (this.#pages.get(group) ?? 0) + pages);
  }

  /** memory_group_register_dynamic. */
  registerDynamic(group: DynamicGroup): void {
    this.#dynamic.push(group);
  }

  unregister(group: number): void {
    const at = this.#dynamic.findIndex((each) => each.group === group);
    if (at >= 0) this.#dynamic.splice(at, 1);
    this.#pages.delete(group);
  }

  /** What a choice of zone on `node` takes into account now. */
  policyFor(node: number): PolicyInput {
    const { policy, ratio, numaAware } = this.#policy;
    let otherNodes = { earlyKernelPages: 0, movablePages: 0 };
    if (policy === "auto-movable") {
      for (const other of this.#map.nodes.values())
        if (other.id !== node) otherNodes = addBalance(otherNodes, balanceOfNode(other));
    }
    const common = { policy, ratio, numaAware, movableNode: this.#movableNode, otherNodes };
    const input = { ...common, groupMaxPages: this.#pages };
    if (this.#dynamic.length === 0) return input;
    const elsewhere = this.#dynamic.filter((each) => each.node !== node);
    const otherGroups = dynamicGroupBalance(this.#map, elsewhere, ratio);
    return { ...input, dynamicGroups: [...this.#dynamic], otherGroups };
  }
}
