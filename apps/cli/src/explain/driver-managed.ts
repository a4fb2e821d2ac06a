import { formatNumberList, formatSize } from "@memhp/abi";
import { balloonOf, type Dax, daxOf } from "@memhp/devices";
import { BlockState } from "@memhp/engine";
import { type Machine, offlineOutlook } from "@memhp/machine";
import { wrap } from "../text/wrap.ts";
import type { Layout } from "../timeline/layout.ts";

/** A dax device whose memory the kernel has: whether its driver can leave. */
export interface ExplainedDax {
  readonly id: string;
  readonly source: Dax["source"];
  readonly node: number;
  /** State of its statechart. */
  readonly state: string;
  /** A list such as `32-39`. */
  readonly blocks: string;
  readonly online: number;
  readonly total: number;
  /** Its blocks that are online and would not go offline; empty where all would. */
  readonly in_the_way: string;
  /** It can be unbound with its memory: now, once its blocks are offline, or not before the next boot. */
  readonly leaves: "now" | "when_offline" | "not_before_reboot";
}

/** A balloon: memory that the guest has given up. Bytes. */
export interface ExplainedBalloon {
  readonly id: string;
  readonly state: string;
  readonly held: number;
  readonly requested: number;
  readonly actual: number;
  /** Bytes by node. */
  readonly nodes: Readonly<Record<number, number>>;
}

/** Driver-managed memory of a machine; nothing is tried. */
export async function daxOfMachine(machine: Machine): Promise<ExplainedDax[]> {
  const explained: ExplainedDax[] = [];
  for (const device of daxOf(machine).list()) {
    if (device.blocks.total === 0) continue;
    const blocks = device.ranges.flatMap(({ start, end }) => machine.blocksOf({ start, size: end - start }));
    const online = blocks.filter((block) => machine.map.blocks.state(block) !== BlockState.offline);
    const outlook = await offlineOutlook(machine, online);
    const stays = outlook.flatMap(({ block, answer }) => (answer === "goes_offline" ? [] : [block]));
    const { id, source, node, state } = device;
    explained.push({
      id,
      source,
      node,
      state,
      blocks: formatNumberList(blocks),
      online: online.length,
      total: blocks.length,
      in_the_way: formatNumberList(stays),
      leaves: state === "left_online" ? "not_before_reboot" : online.length === 0 ? "now" : "when_offline",
    });
  }
  return explained;
}

/** The balloon of a machine, where something is in it or should be. */
export function balloonOfMachine(machine: Machine): ExplainedBalloon | undefined {
  const { balloon } = balloonOf(machine);
  if (balloon === undefined) return undefined;
  const { id, state, heldBytes: held, requestedBytes: requested, actualBytes: actual, nodes } = balloon;
  return { id, state, held, requested, actual, nodes };
}

const INDENT = "  ";

/** What is said of both; undefined where there is neither. */
export function driverManagedText(
  devices: readonly ExplainedDax[],
  balloon: ExplainedBalloon | undefined,
  layout: Layout,
): string | undefined {
  const parts = [
    ...(devices.length === 0 ? [] : [["Driver-managed memory", ...devices.map(daxText)]]),
    ...(balloon === undefined ? [] : [["Balloon", balloonText(balloon)]]),
  ];
  if (parts.length === 0) return undefined;
  return parts
    .map(([title = "", ...texts]) =>
      [layout.paint("strong", title), ...texts.flatMap((text) => wrap(`${INDENT}${text}`, layout.width, 4))].join("\n"),
    )
    .join("\n\n");
}

function daxText({ id, node, blocks, online, total, in_the_way: stays, leaves }: ExplainedDax): string {
  const head = `${id} on node ${node}: blocks ${blocks}, ${online} of ${total} online. They leave together, when kmem is unbound`;
  if (leaves === "not_before_reboot")
    return `${head}; it was, while one was online: the memory stays until the next boot, and no driver can have the device.`;
  if (leaves === "now") return `${head}, which would take all of them along now.`;
  const after = `, and only while all are offline: an unbind now would succeed and leave the memory until the next boot`;
  if (stays === "") return `${head}${after}. All of them would go offline: daxctl offline-memory ${id}.`;
  return `${head}${after}. In the way: blocks ${stays}, of which the groups above tell.`;
}

function balloonText({ id, state, held, requested, actual, nodes }: ExplainedBalloon): string {
  const where = Object.entries(nodes)
    .map(([node, bytes]) => `${formatSize(bytes)} of node ${node}`)
    .join(", ");
  const has = held === 0 ? "nothing is in it" : `${formatSize(held)} in it${where === "" ? "" : ` (${where})`}`;
  const driver =
    state === "unbound"
      ? "no driver is loaded for it: insmod virtio_balloon"
      : state === "waiting"
        ? `it was to leave ${formatSize(requested)}, finds nothing free, and tries again every 200 ms`
        : `it was to leave ${formatSize(requested)}`;
  return `${id}: ${has}; the guest has ${formatSize(actual)}; ${driver}. A block with pages of it goes offline only if they find room elsewhere; what the guest may have again (balloon) frees them.`;
}
