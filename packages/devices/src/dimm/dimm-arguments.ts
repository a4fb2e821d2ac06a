import { knownKeys, nonEmptyText, record, text, wholeNumber } from "@memhp/abi";

/** What QEMU's numbers hold. */
const INT32 = { least: -(2 ** 31), most: 2 ** 31 - 1 };
const UINT32 = { most: 2 ** 32 - 1 };
const MOST_ADDRESS = 2 ** 64;

/** What a DIMM needs to be asked for at all; whether there is room for it is QEMU's answer. @throws RangeError, TypeError */
export function checkDimmRequest(place: string, request: unknown): void {
  record(place, request);
  knownKeys(place, request, ["id", "memdev", "sizeBytes", "node", "addr", "slot"]);
  const { id, memdev, sizeBytes, node, addr, slot } = request;
  nonEmptyText(`${place}.id`, id);
  text(`${place}.memdev`, memdev);
  wholeNumber(`${place}.sizeBytes`, sizeBytes, { least: 1, unit: "bytes" });
  wholeNumber(`${place}.node`, node, UINT32);
  if (slot !== undefined) wholeNumber(`${place}.slot`, slot, INT32);
  if (addr === undefined) return;
  const address = typeof addr === "bigint" ? Number(addr) : addr;
  wholeNumber(`${place}.addr`, address, { most: MOST_ADDRESS, unit: "bytes" });
}
