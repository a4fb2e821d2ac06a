import type { Errno } from "@memhp/abi";
import { type Pair, volatileFile, whole } from "./compared.ts";
import { absolute, count, path } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { failed, oneLine } from "./words.ts";
import { Type } from "../schema/type.ts";

type Json = Readonly<Record<string, unknown>>;

/** Files of the guest's own programs: their state, and what they wrote. */
const guestFile = /^(?:\/tmp\/|\/proc\/(?:\d+|\$\{[^}]+\})\/)/;

const linesOf = (data: string, pattern: RegExp): string[] => data.match(pattern) ?? [];

/** What of a file of counters does not depend on where a boot happened to put its pages. */
const repeatedParts: ReadonlyMap<string, (data: string) => unknown> = new Map<string, (data: string) => unknown>([
  ["/proc/zoneinfo", (data) => linesOf(data, /^Node .*|^ +(?:spanned|present|start_pfn:) .*/gm)],
  ["/proc/buddyinfo", (data) => linesOf(data, /^Node +\d+, zone +\w+/gm)],
  // Pageblocks of each type are the kernel's placement, but for those that an offline has isolated.
  [
    "/proc/pagetypeinfo",
    (data) => ({
      head: linesOf(data, /^Page.*/gm),
      rows: linesOf(data, /^Node +\d+, zone +\w+, type +\w+/gm),
      isolated: linesOf(data, /^Node +\d+, zone +\w+(?: +\d+)+ *$/gm).map((line) => line.trim().split(/\s+/).at(-1)),
    }),
  ],
]);

/** Byte for byte, but for files that hold counters, of which the parts that a kernel repeats are compared. */
function compared(path: string, kernel: Json, memhp: Json): Pair[] | undefined {
  if (guestFile.test(path)) return undefined;
  const repeated = repeatedParts.get(path);
  if (repeated === undefined && !volatileFile.test(path)) return whole(kernel, memhp);
  const head = ({ errno, mode }: Json): Json => ({ errno, mode });
  const pairs: Pair[] = [["result", head(kernel), head(memhp)]];
  const data = (result: Json): string => (typeof result["data"] === "string" ? result["data"] : "");
  if (repeated !== undefined) pairs.push(["result.data", repeated(data(kernel)), repeated(data(memhp))]);
  return pairs;
}

export const read: Operation = operation({
  op: "read",
  about: "Reads a file",
  operands: Type.Object({
    path: path(),
    offset: Type.Optional(count({ description: "First byte" })),
    length: Type.Optional(count({ description: "Bytes at most" })),
  }),
  acts: {
    on: "target",
    async perform({ guest }, { path, offset, length }) {
      const range = { ...(offset !== undefined && { offset }), ...(length !== undefined && { length }) };
      const isPart = offset !== undefined || length !== undefined;
      const { errno, mode, data } = await guest.read(absolute(path), isPart ? range : undefined);
      return { result: { errno, mode, data } };
    },
  },
  asked: ({ path }, { resolve }) => `cat ${resolve(path)}`,
  outcome: ({ result }) =>
    result["errno"] === 0
      ? { outcome: oneLine(String(result["data"]).trimEnd()), good: true }
      : failed(result["errno"] as Errno),
  compared: (kernel, memhp, _removableIsScan, { path }) => compared(path, kernel, memhp),
  runsProgram: true,
  staysInMachine: true,
  example: { op: "read", path: "block_size_bytes" },
});
