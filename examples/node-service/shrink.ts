import { type Machine, offlineOutlook, planMachineOffline } from "@memhp/machine";

/** What a service answers to "can this node give back so much memory?". */
export interface ShrinkAnswer {
  readonly node: number;
  readonly wantedBytes: number;
  readonly canGiveBytes: number;
  /** Blocks to take offline, in the order in which the fewest pages move. */
  readonly blocks: readonly number[];
  /** How many of the node's other blocks stay, by why. */
  readonly kept: Readonly<Record<string, number>>;
}

/** Asks a machine, and changes nothing. */
export async function canShrink(machine: Machine, node: number, wantedBytes: number): Promise<ShrinkAnswer> {
  const { blocks, blockPages, arch } = machine.map;
  const ofNode = [...blocks.ids()].filter((id) => blocks.node(id) === node);
  const outlook = await offlineOutlook(machine, ofNode);
  const willing = outlook.filter(({ answer }) => answer === "goes_offline").map(({ block }) => block);
  const plan = await planMachineOffline(machine, { blocks: willing });
  const order = plan.ok ? plan.steps.map(({ block }) => block) : [];

  const kept: Record<string, number> = {};
  for (const { answer, refusal } of outlook.filter(({ block }) => !order.includes(block))) {
    const why = refusal?.code ?? answer;
    kept[why] = (kept[why] ?? 0) + 1;
  }
  const blockBytes = blockPages * 2 ** arch.pageShift;
  const chosen = order.slice(0, Math.ceil(wantedBytes / blockBytes));
  return { node, wantedBytes, canGiveBytes: chosen.length * blockBytes, blocks: chosen, kept };
}
