import { whole } from "./compared.ts";
import { text, timeoutMs } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { oneLine, written } from "./words.ts";
import { StepError } from "./step-error.ts";
import { Type } from "../schema/type.ts";

const HEX = String.raw`(?:0[xX])?[0-9a-fA-F]{1,16}`;
const PFN = /^-?\d{1,4} (?:0[xX][0-9a-fA-F]{1,13}|\d{1,15})$/;
const verbs: ReadonlyMap<string, RegExp> = new Map([
  ...["add", "adddrv", "addbad", "remove", "offrem"].map((verb): [string, RegExp] => [
    verb,
    new RegExp(String.raw`^-?\d{1,4} ${HEX} ${HEX}$`),
  ]),
  ["hold", /^\d{1,4} \d{1,12}$/],
  ["drop", /^$/],
  ["holdpin", PFN],
  ["unpin", PFN],
  ["pfn", PFN],
]);

const forms: ReadonlyMap<string, string> = new Map([
  ["drop", "alone"],
  ["hold", "NODE PAGES"],
  ...["holdpin", "unpin", "pfn"].map((verb): [string, string] => [verb, "NODE PFN"]),
]);

/** @throws StepError for what the recording module does not understand. */
function checkCall(data: string): void {
  const [verb = "", ...operands] = data.trim().split(/\s+/);
  const shape = verbs.get(verb);
  if (shape === undefined)
    throw new StepError(
      `memlog: data: verb ${oneLine(verb)} is not known (allowed: ${[...verbs.keys()].join(", ")})`,
      "data",
    );
  if (!shape.test(operands.join(" ")))
    throw new StepError(
      `memlog: data: ${oneLine(data)}: expected ${verb} ${forms.get(verb) ?? "NODE START SIZE, start and size in hex"}`,
      "data",
    );
}

export const memlog: Operation = operation({
  op: "memlog",
  about: "A call of the in-kernel API, as the recording module takes it: verb, node, start and size in hex",
  operands: Type.Object({
    data: text({
      maxLength: 4096,
      description:
        "add, adddrv, addbad, remove or offrem, then NODE START SIZE: `add 0 180000000 8000000`; hold NODE PAGES, drop, holdpin NODE PFN, unpin NODE PFN for pages that a module holds",
    }),
    timeout_ms: Type.Optional(timeoutMs()),
  }),
  check: ({ data }) => {
    if (!data.includes("${")) checkCall(data);
  },
  acts: {
    on: "target",
    perform: async ({ guest }, { data, timeout_ms }) => {
      checkCall(data);
      return { result: await guest.callModule(data, timeout_ms) };
    },
  },
  settles: true,
  asked: ({ data }, { resolve }) => `memlog data ${oneLine(resolve(data))}`,
  outcome: ({ result }) => written(result),
  unsaid: "done",
  compared: (kernel, memhp) => whole(kernel, memhp),
  example: { op: "memlog", data: "add 0 180000000 8000000" },
});
