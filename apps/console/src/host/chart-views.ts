import { formatNumberList } from "@memhp/abi";
import { containerMachine, memoryDeviceMachine } from "@memhp/acpi";
import { blockMachine } from "@memhp/block";
import { containersOf, dimmsOf, virtioMemMachine, virtioMemsOf } from "@memhp/devices";
import { BlockState } from "@memhp/engine";
import type { Machine } from "@memhp/machine";
import type { DeviceKind, DeviceLife, DeviceMove } from "../session/device-moves.ts";
import { deviceKinds } from "../session/device-moves.ts";
import type { Session } from "../session/session.ts";
import { leafOf } from "./block-view.ts";

/** A device on its chart. */
export interface InstanceView {
  readonly id: string;
  readonly name: string;
  readonly state: string;
}

/** One kind of statechart: who is where, and how one of them came there. */
export interface ChartView {
  /** How many are in each innermost state. */
  readonly counts: readonly (readonly [path: string, count: number])[];
  readonly instances: readonly InstanceView[];
  /** The chosen one. */
  readonly chosen:
    | (InstanceView & { readonly moves: readonly Omit<DeviceMove, "event">[]; readonly dropped: number })
    | undefined;
}

/** Charts by the ids of their machines. */
export type ChartViews = Readonly<Record<"block" | DeviceKind, ChartView>>;

/** Who is in a state, for a list of words and for the map. */
export interface WhoView {
  readonly count: number;
  /** `32-39,41`, or names of devices. */
  readonly who: string;
  readonly blocks: Int32Array;
}

/** Steps of the chosen block that are told. */
const MOST_MOVES = 100;
/** Names that a list tells. */
const MOST_NAMES = 40;
/** Instances to choose from. */
const MOST_INSTANCES = 1000;

/** The definitions that the simulation itself runs, as JSON: the page draws what it is told, and loads none of the kernel for that. */
export function chartDefinitions(): Readonly<Record<keyof ChartViews, string>> {
  const text = ({ config }: { readonly config: object }): string => JSON.stringify(config);
  return {
    block: text(blockMachine),
    memoryDevice: text(memoryDeviceMachine),
    container: text(containerMachine),
    virtioMem: text(virtioMemMachine),
  };
}

/** @param chosen ids of the devices whose history is asked for; the first of a kind where none is named. */
export function chartViews(
  session: Session,
  block: number | undefined,
  chosen: Readonly<Partial<Record<DeviceKind, string>>>,
): ChartViews {
  const devices = deviceKinds.map((kind): [DeviceKind, ChartView] => [kind, deviceChart(session, kind, chosen[kind])]);
  return { block: blockChart(session, block), ...(Object.fromEntries(devices) as Record<DeviceKind, ChartView>) };
}

/** Who is in a state or in those within it. */
export function whoIsIn(session: Session, kind: "block" | DeviceKind, path: string): WhoView {
  const isIn = (leaf: string): boolean => leaf === path || leaf.startsWith(`${path}.`);
  if (kind === "block") {
    const blocks = [...session.columns().ids].filter((id) => isIn(leafOf(session, id))).sort((a, b) => a - b);
    return { count: blocks.length, who: formatNumberList(blocks), blocks: Int32Array.from(blocks) };
  }
  const lives = session.devices.list(kind).filter(({ state }) => isIn(state));
  const names = lives.slice(0, MOST_NAMES).map((life) => nameOf(session.machine, life));
  const more = lives.length > MOST_NAMES ? ` and ${lives.length - MOST_NAMES} more` : "";
  return {
    count: lives.length,
    who: `${names.join(", ")}${more}`,
    blocks: Int32Array.from(lives.flatMap((life) => blocksOf(session.machine, life))),
  };
}

function blockChart(session: Session, block: number | undefined): ChartView {
  const { ids, state } = session.columns();
  const counts = new Map<string, number>();
  for (let i = 0; i < ids.length; i++) {
    const leaf =
      state[i] === BlockState.online
        ? "online"
        : state[i] === BlockState.offline
          ? "offline"
          : leafOf(session, ids[i] as number);
    counts.set(leaf, (counts.get(leaf) ?? 0) + 1);
  }
  if (block === undefined) return { counts: [...counts], instances: [], chosen: undefined };
  const one = { id: String(block), name: `memory${block}`, state: leafOf(session, block) };
  const moves = session.log.transitionsOf(block, MOST_MOVES).toReversed();
  const chosen = {
    ...one,
    moves: moves.map(({ atNs, from, to }) => ({ atNs, from, to })),
    dropped: session.log.dropped,
  };
  return { counts: [...counts], instances: [one], chosen };
}

function deviceChart({ machine, devices }: Session, kind: DeviceKind, wanted: string | undefined): ChartView {
  const lives = devices.list(kind);
  const counts = new Map<string, number>();
  for (const { state } of lives) counts.set(state, (counts.get(state) ?? 0) + 1);
  const view = (life: DeviceLife): InstanceView => ({ id: life.id, name: nameOf(machine, life), state: life.state });
  // Who moved last is what somebody looks for first.
  const latest = lives.reduce<DeviceLife | undefined>(
    (best, life) => ((life.moves.at(-1)?.atNs ?? -1) > (best?.moves.at(-1)?.atNs ?? -1) ? life : best),
    undefined,
  );
  const life = lives.find(({ id }) => id === wanted) ?? latest ?? lives[0];
  return {
    counts: [...counts],
    instances: lives.slice(0, MOST_INSTANCES).map(view),
    chosen: life === undefined ? undefined : { ...view(life), moves: life.moves, dropped: life.dropped },
  };
}

/** Where a device's memory is. */
function memoryOf(machine: Machine, { kind, id }: DeviceLife): { readonly start: number; readonly size: number }[] {
  if (kind === "virtioMem")
    return virtioMemsOf(machine)
      .list()
      .filter((device) => `virtio-mem-${device.id}` === id)
      .map(({ addr, sizeBytes }) => ({ start: addr, size: sizeBytes }));
  if (kind === "container")
    return (
      containersOf(machine)
        .list()
        .find(({ path }) => path === id)?.memory ?? []
    ).map(({ addr, sizeBytes }) => ({
      start: addr,
      size: sizeBytes,
    }));
  const resources = machine.acpi.namespace.byPath(id)?.methods._CRS;
  return (Array.isArray(resources) ? resources : []).flatMap((resource) =>
    resource.type === "memory" ? [{ start: resource.start, size: resource.size }] : [],
  );
}

function blocksOf(machine: Machine, life: DeviceLife): readonly number[] {
  return memoryOf(machine, life).flatMap((range) => (range.size > 0 ? machine.blocksOf(range) : []));
}

/** The name that the person gave it, where one did; else its place. */
function nameOf(machine: Machine, life: DeviceLife): string {
  const { kind, id } = life;
  if (kind === "virtioMem") return id.replace(/^virtio-mem-/, "");
  const inContainer = containersOf(machine).idAt(id);
  if (inContainer !== undefined) return inContainer;
  const place = id.slice(id.lastIndexOf(".") + 1);
  if (kind === "container") return place;
  const [memory] = memoryOf(machine, life);
  const dimm = dimmsOf(machine)
    .list()
    .find(({ addr }) => addr === memory?.start);
  return dimm === undefined ? `slot ${place}` : `${dimm.id} (${place})`;
}
