import { isPredictable, mapValues, mapZones, type Pair } from "./compared.ts";
import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

type Json = Readonly<Record<string, unknown>>;

function compared(kernel: Json, memhp: Json, removableIsScan: boolean): Pair[] {
  const part = (snapshot: Json, name: string): Json => snapshot[name] as Json;
  const blocks = (snapshot: Json): Json =>
    mapValues(part(part(snapshot, "memory"), "blocks"), (block) => {
      const seen = { ...(block as Record<string, unknown>) };
      if (removableIsScan && !isPredictable(seen)) delete seen["removable"];
      return sortLists(seen);
    });
  const nodes = (snapshot: Json): Json =>
    mapValues(part(part(snapshot, "node"), "nodes"), (node) => {
      const { meminfo: _meminfo, uevent: _uevent, ...rest } = node as Json;
      return sortLists(rest);
    });
  const zones = (snapshot: Json): Json =>
    mapZones(part(snapshot, "zones"), (zone) => {
      const { start_pfn, spanned, present } = zone as Json;
      return { start_pfn, spanned, present };
    });
  return [
    ["memory.files", part(kernel, "memory")["files"], part(memhp, "memory")["files"]],
    ["memory.blocks", blocks(kernel), blocks(memhp)],
    ["node.files", part(kernel, "node")["files"], part(memhp, "node")["files"]],
    ["node.nodes", nodes(kernel), nodes(memhp)],
    ["zones", zones(kernel), zones(memhp)],
    ["iomem_ram", kernel["iomem_ram"], memhp["iomem_ram"]],
  ];
}

const entries = Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()));
const recorded = Type.Object({
  memory: Type.Object({ files: Type.Record(Type.String(), Type.Unknown()), blocks: entries }),
  node: Type.Object({ files: Type.Record(Type.String(), Type.Unknown()), nodes: entries }),
  zones: Type.Record(Type.String(), entries),
});

function sortLists(record: Json): Json {
  return mapValues(record, (value) => (Array.isArray(value) ? [...(value as string[])].sort() : value));
}

export const snapshot: Operation = operation({
  op: "snapshot",
  about: "The files of all blocks and nodes, the zones, and the RAM of /proc/iomem",
  operands: Type.Object({}),
  acts: { on: "target", perform: async ({ looks }) => ({ result: await looks.snapshot() }) },
  onlyLooks: true,
  asked: () => "snapshot",
  recorded,
  compared,
  runsProgram: true,
  staysInMachine: true,
  example: { op: "snapshot" },
});
