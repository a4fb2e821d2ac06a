import type { Refusal } from "@memhp/abi";
import { boardError } from "./board-answer.ts";
import { whole } from "./compared.ts";
import { bytesOf, count, name, numberOf, referable, size } from "./operands.ts";
import { operation, type Operation, type Places, type StepOutcome } from "./operation.ts";
import { Type } from "../schema/type.ts";

function pluggedAt(id: string, places: Places): StepOutcome {
  const addr = places.address(id);
  const blocks = places.blocks(id);
  if (addr === undefined || blocks === undefined) return { outcome: "ok", good: true };
  const { first, last } = blocks;
  return {
    outcome: `at 0x${addr.toString(16)}, ${first === last ? `block ${first}` : `blocks ${first}-${last}`}`,
    good: true,
  };
}

/** A DIMM that is on the board, and whose memory the kernel did not take. */
function notTaken(refusal: Refusal | undefined, id: string, places: Places): StepOutcome | undefined {
  // EEXIST is success: the memory is there from boot or from probe.
  if (refusal === undefined || refusal.errno === "EEXIST" || refusal.block !== undefined) return undefined;
  const addr = places.address(id);
  const where = addr === undefined ? "" : `at 0x${addr.toString(16)}, `;
  return { outcome: `${where}no memory added (${refusal.errno})`, good: false };
}

export const dimmAdd: Operation = operation({
  op: "dimm_add",
  about: "A DIMM is plugged in, and firmware notifies the kernel (device check)",
  operands: Type.Object({
    id: name({
      description: "Name of the DIMM: ${ID.first}, ${ID.last}, ${ID.3}, ${ID.pfn} and ${ID.addr} name what it brought",
    }),
    size: size(),
    node: Type.Optional(count({ description: "Proximity domain; 0 unless told otherwise" })),
    addr: Type.Optional(
      referable({ description: "Physical address in bytes; the next free one unless told otherwise" }),
    ),
    slot: Type.Optional(count({ description: "Slot; the next free one unless told otherwise" })),
  }),
  check({ size }) {
    bytesOf("dimm_add", "size", size);
  },
  acts: {
    on: "target",
    async perform({ monitor }, { id, size, node = 0, addr, slot }) {
      const order = {
        id,
        sizeBytes: bytesOf("dimm_add", "size", size),
        node,
        ...(addr !== undefined && { addr: numberOf("dimm_add", "addr", addr) }),
        ...(slot !== undefined && { slot }),
      };
      return { result: await monitor.addDimm(order) };
    },
  },
  settles: true,
  asked: ({ id, size, node = 0 }, { resolve }) => `plug in DIMM ${resolve(id)}: ${size} for node ${node}`,
  outcome: ({ result, refusal }, { id }, places) =>
    boardError(result, "object_add") ??
    boardError(result, "device_add") ??
    notTaken(refusal, id, places) ??
    pluggedAt(id, places),
  compared: (kernel, memhp) => whole(kernel, memhp),
  staysInMachine: true,
  example: { op: "dimm_add", id: "d0", size: "1G", node: 0 },
});
