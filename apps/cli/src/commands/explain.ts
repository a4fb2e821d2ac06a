import { formatNumberList } from "@memhp/abi";
import type { Machine } from "@memhp/machine";
import type { Arguments } from "../arguments/arguments.ts";
import { commonOptions } from "../arguments/command-spec.ts";
import type { Command } from "../command.ts";
import { InputError, UsageError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import { type Explanation, explainMachine } from "../explain/explanation.ts";
import { explanationText } from "../explain/explain-text.ts";
import { capturePlanText } from "../explain/capture/capture-plan-text.ts";
import { type CaptureExplanation, explainCapture } from "../explain/capture/explain-capture.ts";
import { isCapture } from "../explain/capture/is-capture.ts";
import { explainFiles } from "../explain/files/explain-files.ts";
import { explainPlan } from "../explain/plan.ts";
import { planText } from "../explain/plan-text.ts";
import type { Host } from "../host.ts";
import { isDirectory } from "../input/memory-directory.ts";
import { machineNote, machineOptions, onMachine } from "../input/machine-source.ts";
import { ignoredOf } from "../timeline/head.ts";
import { terminalLayout } from "../timeline/terminal-layout.ts";

const MAX_BLOCK = 2 ** 31;

export const explain: Command = {
  spec: {
    name: "explain",
    about: "Says which memory blocks would go offline, and why the others would not. Nothing is tried.",
    operands: { name: "FILE|DIR|CAPTURE", min: 0, max: 1 },
    options: {
      json: commonOptions.json,
      block: { value: "N", about: "Explain one block only" },
      plan: {
        value: "SIZE|DIMM|node:N",
        about:
          "Find the order of blocks that frees so much, a whole DIMM or (of a capture) a node, with the fewest pages to move",
      },
      ...machineOptions,
    },
    notes: [
      machineNote,
      "DIR is a captured or exported tree of /sys (or /sys itself), read as far as files tell; --kernel says whose rules count there instead of what the files tell of their kernel.",
      "CAPTURE is what `memhp capture` recorded of a host, an archive or a directory. Its pages are known, so every block is judged by the rules of its kernel, or of the nearest that memhp knows, or of --kernel; a plan is printed with its commands.",
      "Of virtio-mem devices it says what a request of 0 would leave plugged, what holds it and what would help; of a CAPTURE as far as its files tell.",
      "A plan is carried out on the simulated machine afterwards, to show what comes of it. Exit codes: 0 done, 1 there is no plan, 2 wrong usage or bad input.",
    ],
  },
  async run(args, host) {
    const [operand] = args.operands;
    const block = args.count("block", MAX_BLOCK);
    if (block !== undefined && args.flag("plan")) throw new UsageError("--plan and --block exclude each other");
    if (operand !== undefined && (await isCapture(operand))) {
      const question = { kernel: args.kernels().at(-1), block, plan: args.text("plan") };
      return printCapture(await explainCapture(operand, question), args, host);
    }
    if (operand !== undefined && (await isDirectory(operand))) {
      if (args.flag("plan"))
        throw new UsageError("--plan needs a machine: the files of one do not tell what its pages are");
      const explanation = await explainFiles(operand, args.kernels().at(-1), block);
      return print(explanation, args, host);
    }
    return onMachine(args, host, async (machine) => explainBooted(machine, block, args, host));
  },
};

async function explainBooted(
  machine: Machine,
  block: number | undefined,
  args: Arguments,
  host: Host,
): Promise<ExitCode> {
  if (block !== undefined && ![...machine.blockDevices()].includes(block))
    throw new InputError(`block ${block} does not exist (blocks: ${formatNumberList([...machine.blockDevices()])})`);
  const plan = args.text("plan");
  const explained = await explainMachine(machine, block === undefined ? [...machine.blockDevices()] : [block]);
  // One block is a question of its own.
  const { virtio_mem: _devices, dax: _dax, balloon: _balloon, ...blocks } = explained;
  const told = { ...(block === undefined ? explained : blocks), ...ignoredOf(machine) };
  // Last, because carrying it out changes the machine.
  return print(plan === undefined ? told : { ...told, plan: await explainPlan(plan, machine) }, args, host);
}

function printCapture(explanation: CaptureExplanation, args: Arguments, host: Host): ExitCode {
  const { plan, page_size: pageSize, rules, warnings, ...rest } = explanation;
  const layout = terminalLayout(host.stdout, host.env);
  const told = [`Judged by the rules of Linux ${rules.kernel}: ${rules.why}.`, ...warnings];
  const text = (): string =>
    plan === undefined
      ? explanationText({ ...rest, page_size: pageSize, warnings: told }, layout)
      : capturePlanText(plan, pageSize ?? 0, told, layout);
  host.stdout.write(args.flag("json") ? `${JSON.stringify(explanation, undefined, 2)}\n` : text());
  return plan?.possible === false ? ExitCode.failed : ExitCode.done;
}

function print(explanation: Explanation, args: Arguments, host: Host): ExitCode {
  const { plan, page_size: pageSize } = explanation;
  const layout = terminalLayout(host.stdout, host.env);
  const text = (): string =>
    plan === undefined ? explanationText(explanation, layout) : planText(plan, pageSize ?? 0, layout);
  host.stdout.write(args.flag("json") ? `${JSON.stringify(explanation, undefined, 2)}\n` : text());
  return plan?.possible === false ? ExitCode.failed : ExitCode.done;
}
