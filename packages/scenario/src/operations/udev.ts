import { type Distribution, distributionRules, parseRules, type RuleFile, RulesError } from "@memhp/udev";
import { name, text, word } from "./operands.ts";
import { operation, type Operation } from "./operation.ts";
import { StepError } from "./step-error.ts";
import { Type } from "../schema/type.ts";

const distributions = Object.keys(distributionRules) as Distribution[];
const NS_PER_MS = 1e6;
const MAX_WORKERS = 1024;

function rulesOf({ rules, of }: { readonly rules?: string; readonly of?: Distribution }): RuleFile[] {
  try {
    if (rules !== undefined) return [parseRules(rules, "rules")];
    const { text: shipped, file } = distributionRules[of as Distribution];
    return [parseRules(shipped, file)];
  } catch (error) {
    if (error instanceof RulesError) throw new StepError(`udev: ${error.message}`, "rules");
    throw error;
  }
}

export const udev: Operation = operation({
  op: "udev",
  about: "udevd runs rules for each uevent from now on, while time passes",
  operands: Type.Object(
    {
      of: Type.Optional(word(distributions, { description: "Rules as a distribution ships them, in our own words" })),
      rules: Type.Optional(text({ description: "A rule file" })),
      arch: Type.Optional(name({ description: "udev's CONST{arch}, x86-64 unless told otherwise" })),
      virt: Type.Optional(
        name({ description: "udev's CONST{virt}, kvm unless told otherwise: microsoft, xen, none, …" }),
      ),
      workers: Type.Optional(
        Type.Integer({ minimum: 1, maximum: MAX_WORKERS, description: "Uevents that are worked on at once" }),
      ),
      latency_ms: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 1e9,
          description: "Simulated time from a uevent until a worker has begun with it",
        }),
      ),
    },
    { oneOf: [{ required: ["of"] }, { required: ["rules"] }] },
  ),
  check({ of, rules }) {
    if ((of === undefined) === (rules === undefined))
      throw new StepError(
        `udev: expected ${of === undefined ? "of or rules" : "either of or rules, found both"}`,
        "of",
      );
    rulesOf({ ...(of !== undefined && { of }), ...(rules !== undefined && { rules }) });
  },
  acts: {
    on: "machine",
    async perform({ userspace }, { of, rules, arch, virt, workers, latency_ms }) {
      const files = rulesOf({ ...(of !== undefined && { of }), ...(rules !== undefined && { rules }) });
      userspace.startUdev({
        rules: files,
        constants: { ...(arch !== undefined && { arch }), ...(virt !== undefined && { virt }) },
        ...(workers !== undefined && { workers }),
        ...(latency_ms !== undefined && { wakeNs: Math.round(latency_ms * NS_PER_MS) }),
      });
      return { result: { rules: files.reduce((sum, file) => sum + file.rules.length, 0) } };
    },
  },
  asked: ({ of, virt }) =>
    `start udevd with ${of === undefined ? "own rules" : `the rules of ${of}`}${virt === undefined ? "" : ` on ${virt}`}`,
  example: { op: "udev", of: "rhel8", virt: "none" },
});
