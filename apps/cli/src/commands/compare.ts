import { DimmPlaces, memoryPlaces, type RunDocument, type Trace } from "@memhp/scenario";
import { commonOptions } from "../arguments/command-spec.ts";
import type { Command } from "../command.ts";
import { comparisonText } from "../compare/comparison-text.ts";
import { comparisonJson, compareWithCauses } from "../compare/compare-with-causes.ts";
import { onlinePolicyOf } from "../compare/online-policy.ts";
import { UsageError } from "../errors.ts";
import { execute, executeOptions } from "../execute.ts";
import { ExitCode } from "../exit-code.ts";
import { fileLabel, readDocumentFile } from "../input/read-document.ts";
import { progressLine, progressReader } from "../readers/progress.ts";
import type { RunReader } from "../readers/reader.ts";
import { ignoredLines } from "../timeline/head.ts";
import { terminalLayout } from "../timeline/terminal-layout.ts";
import { kernels } from "@memhp/kernels";

const { json, config, workers, seed } = commonOptions;

export const compare: Command = {
  spec: {
    name: "compare",
    about: "Runs one scenario under several kernels and shows side by side what they do differently.",
    operands: { name: "FILE", min: 1, max: 1 },
    options: {
      kernel: {
        value: "VERSION",
        multiple: true,
        about: `A kernel; twice or more: ${kernels.map(({ id }) => id).join(", ")}`,
      },
      json,
      config,
      workers,
      seed,
    },
    notes: ["Exit codes: 0 all kernels ran the scenario, alike or not, 1 a run failed, 2 wrong usage or bad input."],
  },
  async run(args, host) {
    const kernels = [...new Set(args.kernels())];
    if (kernels.length < 2) throw new UsageError("expected two kernels or more: --kernel 4.1 --kernel 6.12");
    const { kernel: _last, ...options } = executeOptions(args);
    const [file = "-"] = args.operands;
    const document = await readDocumentFile(file, host);
    const progress = progressLine(host.stderr);
    let places: DimmPlaces | undefined;
    const placesReader: RunReader = {
      machine: (machine) => {
        places ??= new DimmPlaces(machine.board.blockSizeBytes);
        for (const [id, { addr, sizeBytes }] of memoryPlaces(machine)) places.set(id, addr, sizeBytes);
      },
      step: (done) => places?.learn(done),
    };
    const policies: string[] = [];
    const run = async (asked: RunDocument, kernel: string, readers: readonly RunReader[]): Promise<Trace> => {
      const label = `${fileLabel(file)} (kernel ${kernel})`;
      return (await execute({ document: asked, file: label, options: { ...options, kernel }, readers }, host)).trace;
    };
    const traces: Trace[] = [];
    for (const kernel of kernels) {
      const policyReader: RunReader = { machine: (machine) => void policies.push(onlinePolicyOf(machine)) };
      const readers = [placesReader, policyReader, progressReader(progress, `Linux ${kernel}`)];
      traces.push(await run(document, kernel, readers));
    }
    const compared = await compareWithCauses({
      document,
      traces,
      policies,
      again: (asked, kernel) => run(asked, kernel, [progressReader(progress, `Linux ${kernel}`)]),
    });
    for (const { kernel, ignored = [] } of traces) host.stderr.write(ignoredLines(ignored, `${kernel}: `));
    const layout = terminalLayout(host.stdout, host.env);
    host.stdout.write(
      args.flag("json")
        ? `${JSON.stringify(comparisonJson(compared), undefined, 2)}\n`
        : comparisonText(compared, places ?? new DimmPlaces(1), layout),
    );
    return ExitCode.done;
  },
};
