import type { TObject, TSchema } from "@sinclair/typebox";
import { deviceTypes, MAX_NODES, MAX_SLOTS, type SchemaPart } from "@memhp/devices";
import { platforms } from "@memhp/platforms";
import { count, MAX_TEXT, size, text, word } from "../operations/operands.ts";
import { Type } from "./type.ts";

/** Limits of a machine; `docs` and README name them. */
const MAX_CPUS = 8192;
const MAX_RANGES = 64;
const MAX_CPUS_PER_NODE = 64;

const id = Type.String({
  pattern: "^[A-Za-z][A-Za-z0-9_-]*$",
  maxLength: 64,
  title: "a letter, then letters, digits, - or _",
});
const node = Type.Integer({ minimum: 0, maximum: MAX_NODES - 1 });
const mebibytes = (description: string): TSchema =>
  size({ description: `${description}: 2G; a bare number is of MiB, as QEMU reads it` });

/** What each kind of memory device has in a machine. */
const devices = deviceTypes
  .flatMap(
    ({ schema }) =>
      schema?.({ Type, id, node, count, size, text, word, maxDevices: MAX_SLOTS, maxNodes: MAX_NODES }) ?? [],
  )
  .reduce<Required<SchemaPart>>(
    (all, part) => ({ both: { ...all.both, ...part.both }, short: { ...all.short, ...part.short } }),
    { both: {}, short: {} },
  );

/** What both forms have. */
const common = {
  // The machine itself says which others there are, and why not.
  arch: Type.Optional(
    Type.String({
      maxLength: 64,
      enum: platforms.flatMap(({ id, uname }) => (uname === undefined ? [id] : [id, uname])),
    }),
  ),
  slots: Type.Optional(count({ maximum: MAX_SLOTS, description: "Slots for DIMMs" })),
  cmdline: Type.Optional(
    Type.String({
      maxLength: 4096,
      description: "Kernel command line: kernelcore=, movable_node, memhp_default_state=, …",
    }),
  ),
  qemu: Type.Optional(
    Type.String({
      pattern: "^[0-9]{1,2}[.][0-9]{1,2}([.][0-9]{1,3})?$",
      title: 'a release of QEMU in quotes: "11.1"',
      description: "Whose monitor the machine has, 7.2 to 11; 7.2 unless told otherwise",
    }),
  ),
  block_size: Type.Optional(size({ description: "Memory block size, where the architecture does not choose it" })),
  distances: Type.Optional(
    Type.Array(Type.Array(Type.Integer({ minimum: 10, maximum: 255 }), { maxItems: MAX_NODES }), {
      maxItems: MAX_NODES,
      description: "The firmware's SLIT: one row a node, distances[from][to]",
    }),
  ),
  ...devices.both,
};

/** QEMU's view of a machine, as traces have it. */
export const longForm: TObject = Type.Object(
  {
    ...common,
    machine: Type.Optional(
      text({ maxLength: 64, description: "QEMU's board: q35 or pc, virt of arm64; it decides where RAM lies" }),
    ),
    memory: Type.Optional(mebibytes("Boot memory")),
    maxmem: Type.Optional(mebibytes("Boot memory, and room for DIMMs")),
    smp: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_CPUS, description: "Processors" })),
    cpu: Type.Optional(Type.Union([text({ maxLength: 1024 }), Type.Null()], { description: "QEMU's -cpu" })),
    extra: Type.Optional(
      Type.Array(text({ maxLength: 4096 }), { maxItems: MAX_SLOTS * 4, description: "Further words for QEMU" }),
    ),
    reserve_off: Type.Optional(Type.Boolean({ description: "For the recorder of a kernel" })),
    firmware: Type.Optional(text({ maxLength: 4096, description: "For the recorder of a kernel" })),
    nodes: Type.Optional(
      Type.Array(
        Type.Object(
          {
            nodeid: node,
            mem: Type.Optional(
              Type.Union([...(mebibytes("Memory at boot").anyOf as TSchema[]), Type.Null()], {
                title: "a size such as 2G, or null",
              }),
            ),
            cpus: Type.Optional(
              Type.Union([text({ maxLength: MAX_TEXT }), Type.Null()], { description: "Processors: 0-3,8" }),
            ),
            ranges: Type.Optional(
              Type.Array(Type.Object({ start: size(), size: size() }, { additionalProperties: false }), {
                minItems: 1,
                maxItems: MAX_RANGES,
                description: "Where its boot memory lies, where firmware does not put it behind the node before",
              }),
            ),
            hotpluggable: Type.Optional(
              Type.Boolean({ description: "Firmware marks its boot memory as hot-pluggable, for movable_node" }),
            ),
          },
          { additionalProperties: false },
        ),
        { maxItems: MAX_NODES },
      ),
    ),
  },
  { additionalProperties: false },
);

/** Nodes alike. */
export const shortForm: TObject = Type.Object(
  {
    ...common,
    nodes: Type.Object(
      {
        count: Type.Integer({ minimum: 1, maximum: MAX_NODES }),
        memory: size(),
        cpus: Type.Optional(
          count({ maximum: MAX_CPUS_PER_NODE, description: "Processors of each; 1 unless told otherwise" }),
        ),
      },
      { additionalProperties: false, description: "Nodes alike" },
    ),
    maxmem: Type.Optional(size({ description: "Boot memory, and room for DIMMs" })),
    ...devices.short,
  },
  { additionalProperties: false },
);
