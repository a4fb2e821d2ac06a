import { volatileFile, whole } from "./compared.ts";
import { count, path } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

type Json = Readonly<Record<string, unknown>>;

/** Deeper than any tree of a machine. */
const MAX_DEPTH = 64;

function withoutVolatile(tree: Json): Json {
  return Object.fromEntries(
    Object.entries(tree).map(([path, entry]) => [
      path,
      volatileFile.test(path) && Array.isArray(entry) ? entry.slice(0, 2) : entry,
    ]),
  );
}

/** What lies in a folder `power`. */
const POWER = /\/power\//;

/** Recorders of old traces did not look into `power`. */
function asFarAsLooked(kernel: Json, memhp: Json): Json {
  if (Object.keys(kernel).some((path) => POWER.test(path))) return memhp;
  return Object.fromEntries(Object.entries(memhp).filter(([path]) => !POWER.test(path)));
}

export const tree: Operation = operation({
  op: "tree",
  about: "Names, modes and targets of links below a folder, as kernel traces record them",
  operands: Type.Object({
    path: path(),
    depth: Type.Optional(count({ maximum: MAX_DEPTH, description: "How many levels; 1 unless told otherwise" })),
  }),
  acts: {
    on: "target",
    perform: async ({ looks }, { path, depth = 1 }) => ({ result: await looks.tree(path, depth) }),
  },
  onlyLooks: true,
  asked: ({ path, depth }, { resolve }) => `tree path ${resolve(path)}${depth === undefined ? "" : `, depth ${depth}`}`,
  recorded: Type.Record(Type.String(), Type.Unknown()),
  compared: (kernel, memhp) => whole(withoutVolatile(kernel), withoutVolatile(asFarAsLooked(kernel, memhp))),
  runsProgram: true,
  staysInMachine: true,
  example: { op: "tree", path: "/sys/devices/system/memory", depth: 1 },
});
