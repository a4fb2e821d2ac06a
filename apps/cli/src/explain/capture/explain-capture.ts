import { formatNumberList, ParseError } from "@memhp/abi";
import {
  CaptureError,
  chooseRules,
  type Host,
  type HostMemory,
  type HostRules,
  judgeBlocks,
  planHostOffline,
  readHost,
  readHostGoal,
  surveyHost,
  virtioMemsOfHost,
} from "@memhp/capture";
import { readCapture } from "@memhp/capture/node";
import { InputError, retold, UsageError } from "../../errors.ts";
import { type Explanation, explanationOf } from "../explanation.ts";
import { type CapturePlan, capturePlan } from "./capture-plan.ts";
import { virtioMemOfHost } from "../virtio-mem/host-virtio-mem.ts";
import { explainedVerdict } from "./explained-verdict.ts";

/** What `memhp explain CAPTURE --json` prints: an explanation, and whose rules count. */
export interface CaptureExplanation extends Omit<Explanation, "plan"> {
  readonly rules: {
    /** Of the kernel that they were learned from. */
    readonly kernel: string;
    readonly why: string;
    /** Whether the host runs another kernel. */
    readonly nearest: boolean;
  };
  /** Files that are missing, cut or too long. */
  readonly warnings: readonly string[];
  readonly plan?: CapturePlan;
}

export interface CaptureQuestion {
  readonly kernel: string | undefined;
  readonly block: number | undefined;
  readonly plan: string | undefined;
}

/** What no file says of a page. */
const CANNOT_TELL = [
  "whether somebody holds a reference on a page (a pin)",
  "whether a page without a flag is free on a processor's list, or the kernel's own",
  "whether a part of the kernel would veto (MEM_GOING_OFFLINE)",
];

/** Explains the blocks of a captured host. @throws InputError for a capture that cannot be read. @throws UsageError */
export async function explainCapture(path: string, question: CaptureQuestion): Promise<CaptureExplanation> {
  const host = await retold(async () => readHost(await readCapture(path)), CaptureError, InputError);
  const { rules, why, isNearest } = chooseRules(host, question.kernel);
  const memory = surveyHost(host);
  const { block: only } = question;
  if (only !== undefined && !host.blocks.some(({ block }) => block === only))
    throw new InputError(
      `${path}: block ${only} does not exist (blocks: ${formatNumberList(host.blocks.map(({ block }) => block))})`,
    );
  const blocks = [...judgeBlocks(memory, rules)]
    .filter(({ block }) => only === undefined || block === only)
    .map(explainedVerdict);
  const { plan: _none, ...explanation } = explanationOf(blocks, {
    kernel: rules.id,
    source: "capture",
    block_size: host.blockSize,
    page_size: host.pageSize,
    cannot_tell: host.flags === undefined ? ["what the pages are (/proc/kpageflags)", ...CANNOT_TELL] : CANNOT_TELL,
  });
  const plan = question.plan === undefined ? undefined : planFor(question.plan, host, memory, rules);
  const devices = only === undefined ? virtioMemsOfHost(memory, rules) : [];
  return {
    ...explanation,
    ...(devices.length === 0 ? {} : { virtio_mem: devices.map((device) => virtioMemOfHost(host, device)) }),
    rules: { kernel: rules.id, why, nearest: isNearest },
    warnings: warningsOf(host),
    ...(plan === undefined ? {} : { plan }),
  };
}

function warningsOf({ missing, warnings }: Host): readonly string[] {
  return [...missing.map((file) => `${file} is not in it, or tells nothing to its reader.`), ...warnings];
}

function planFor(text: string, host: Host, memory: HostMemory, rules: HostRules): CapturePlan {
  if (host.flags === undefined)
    throw new UsageError("--plan needs to know the pages: capture the host as root, with /proc/kpageflags");
  const goal = retold(() => readHostGoal(text, host), ParseError, UsageError, "--plan: ");
  return capturePlan(planHostOffline(memory, rules, goal), host);
}
