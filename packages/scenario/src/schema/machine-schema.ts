import { type TObject, type TSchema, Type } from "@sinclair/typebox";
import { platforms } from "@memhp/platforms";
import { count, MAX_TEXT, size, text, word } from "../operations/operands.ts";

/** Limits of a machine; `docs` and README name them. */
const MAX_NODES = 1024;
const MAX_CPUS = 8192;
const MAX_CPUS_PER_NODE = 64;
/** As many DIMMs as slots of QEMU's board, and as many as the largest machines have. */
const MAX_SLOTS = 4096;

const id = Type.String({
  pattern: "^[A-Za-z][A-Za-z0-9_-]*$",
  maxLength: 64,
  title: "a letter, then letters, digits, - or _",
});
const node = Type.Integer({ minimum: 0, maximum: MAX_NODES - 1 });
const mebibytes = (description: string): TSchema =>
  size({ description: `${description}: 2G; a bare number is of MiB, as QEMU reads it` });

const container: TSchema = Type.Recursive(
  (This) =>
    Type.Object(
      {
        id,
        hid: Type.Optional(word(["ACPI0004", "PNP0A05", "PNP0A06"], { default: "ACPI0004" })),
        uid: Type.Optional(text({ maxLength: 64, description: "_UID; without it the id" })),
        node: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: MAX_NODES - 1,
            description:
              "Proximity domain of its memory: a node of the machine, or the next number, which is a possible node from boot on and comes with the container. Without it that of the container around it, else of the address.",
          }),
        ),
        present: Type.Optional(
          Type.Boolean({
            description: "Whether it is there at boot; without it as the container around it, else false",
          }),
        ),
        memory: Type.Optional(
          Type.Array(
            Type.Object(
              {
                id,
                size: size(),
                addr: Type.Optional(
                  Type.Union([Type.String({ pattern: "^(?:0[xX][0-9a-fA-F]+|[0-9]+)$", maxLength: 32 }), count()], {
                    title: "an address on a 2M boundary, such as 0x180000000",
                    description:
                      "Physical address on a 2M boundary, in the window for memory devices; without it above the room for DIMMs",
                  }),
                ),
              },
              { additionalProperties: false },
            ),
            { maxItems: MAX_SLOTS },
          ),
        ),
        containers: Type.Optional(Type.Array(This, { maxItems: MAX_SLOTS })),
      },
      { additionalProperties: false },
    ),
  { $id: "container" },
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
  block_size: Type.Optional(size({ description: "Memory block size, where the architecture does not choose it" })),
  distances: Type.Optional(
    Type.Array(Type.Array(Type.Integer({ minimum: 10, maximum: 255 }), { maxItems: MAX_NODES }), {
      maxItems: MAX_NODES,
      description: "The firmware's SLIT: one row a node, distances[from][to]",
    }),
  ),
  containers: Type.Optional(
    Type.Array(container, {
      maxItems: MAX_SLOTS,
      description: "Containers whose memory comes and goes as one (op container)",
    }),
  ),
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
    dimms: Type.Optional(
      Type.Object(
        {
          per_node: Type.Optional(count({ maximum: MAX_SLOTS })),
          size: size(),
        },
        {
          additionalProperties: false,
          description: "DIMMs that are there before the first step, their blocks offline",
        },
      ),
    ),
  },
  { additionalProperties: false },
);
