import type { StepRequest } from "@memhp/scenario";
import type { PluggedDimm } from "./dimms.ts";

const PAGE_SIZE = 4096;

/** A `${…}` of a step names nothing that is there. */
class DimmReferenceError extends Error {
  override readonly name = "DimmReferenceError";
}

/** Replaces `${d0.3}`, `${d0.first}`, `${d0.last}`, `${d0.pfn}`, `${d0.addr}` in a step's operands (kernel-traces/README.md). */
export function resolveOperands(
  request: StepRequest,
  dimms: ReadonlyMap<string, PluggedDimm>,
  blockSizeBytes: number,
): StepRequest {
  const resolve = (text: string): string =>
    text.replace(/\$\{([^}.]+)\.([^}]+)\}/g, (whole, id: string, field: string) => {
      const dimm = dimms.get(id);
      if (dimm === undefined) throw new DimmReferenceError(`${whole}: no DIMM ${JSON.stringify(id)} was plugged in`);
      const value = fieldOf(dimm, field, blockSizeBytes);
      if (value === undefined) throw new DimmReferenceError(`${whole}: ${JSON.stringify(field)} is no part of a DIMM`);
      return value;
    });
  const operands = Object.entries(request).map(([name, value]) => [
    name,
    typeof value === "string" ? resolve(value) : value,
  ]);
  return Object.fromEntries(operands) as StepRequest;
}

function fieldOf({ addr, size }: PluggedDimm, field: string, blockSizeBytes: number): string | undefined {
  const first = Math.floor(addr / blockSizeBytes);
  const blocks = Math.max(1, Math.floor(size / blockSizeBytes));
  if (/^\d+$/.test(field)) return String(first + Number(field));
  if (field === "first") return String(first);
  if (field === "last") return String(first + blocks - 1);
  if (field === "pfn") return String(addr / PAGE_SIZE);
  if (field === "addr") return `0x${addr.toString(16)}`;
  return undefined;
}
