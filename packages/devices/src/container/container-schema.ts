import type { SchemaPart, SchemaWords } from "../schema-part.ts";

/** `machine.containers`. */
export function containerSchema({ Type, id, count, size, text, word, maxDevices, maxNodes }: SchemaWords): SchemaPart {
  const container = Type.Recursive(
    (This) =>
      Type.Object(
        {
          id,
          hid: Type.Optional(word(["ACPI0004", "PNP0A05", "PNP0A06"], { default: "ACPI0004" })),
          uid: Type.Optional(text({ maxLength: 64, description: "_UID; without it the id" })),
          node: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: maxNodes - 1,
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
              { maxItems: maxDevices },
            ),
          ),
          containers: Type.Optional(Type.Array(This, { maxItems: maxDevices })),
        },
        { additionalProperties: false },
      ),
    { $id: "container" },
  );
  return {
    both: {
      containers: Type.Optional(
        Type.Array(container, {
          maxItems: maxDevices,
          description: "Containers whose memory comes and goes as one (op container)",
        }),
      ),
    },
  };
}
