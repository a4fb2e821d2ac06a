import type { Machine, MachineImage } from "@memhp/machine";
import type { QmpAddress } from "@memhp/qmp/node";
import { besideImage, type RunOutcome } from "@memhp/scenario";
import type { Arguments } from "../arguments/arguments.ts";
import { commonOptions } from "../arguments/command-spec.ts";
import type { Command } from "../command.ts";
import { execute, executeOptions, executeThen, type Execution } from "../execute.ts";
import { ExitCode } from "../exit-code.ts";
import { failureLines } from "../expectations.ts";
import type { Host, LineFile } from "../host.ts";
import { fileLabel, readDocumentFile } from "../input/read-document.ts";
import type { StartingPoint } from "../input/read-from.ts";
import { assertDistinct, type NamedFile } from "../output/distinct-files.ts";
import { openImage, saveCheckpoint } from "../output/save-image.ts";
import { chosenBlocks, inspectOptions, startInspector } from "../readers/inspector.ts";
import { jsonLinesReader } from "../readers/json-lines.ts";
import { progressLine, progressReader } from "../readers/progress.ts";
import type { RunReader } from "../readers/reader.ts";
import { summaryReader } from "../readers/summary.ts";
import { traceJsonReader } from "../readers/trace-json.ts";
import { serveAlongside } from "../serve/serve-alongside.ts";
import { serveOptions } from "../serve/serve-options.ts";

export const run: Command = {
  spec: {
    name: "run",
    about: "Runs a scenario (YAML, JSON) or a kernel trace, whose recorded answers are then ignored.",
    operands: { name: "FILE", min: 1, max: 1 },
    options: {
      ...commonOptions,
      jsonl: { value: "FILE", about: "Write every event as one line of JSON" },
      sequence: { value: "FILE", about: "Draw who spoke to whom (firmware, kernel, notifiers, udev) as SVG" },
      perfetto: { value: "FILE", about: "Write a trace for ui.perfetto.dev" },
      ...inspectOptions,
      qmp: {
        value: "ADDRESS",
        about: "After the last step, serve the DIMM side as a QEMU monitor: unix:PATH, or tcp:PORT on loopback",
      },
      save: { value: "IMAGE", about: "Write the machine that the run leaves as an image, for --from" },
      from: {
        value: "IMAGE|HOST",
        about: "Start with a machine that --save wrote, or with a host, instead of booting one",
      },
      quiet: { short: "q", about: "Print no timeline" },
      ...serveOptions,
    },
    notes: [
      "FILE may be - for standard input. Without --json the run is told as a timeline.",
      "With --json steps are printed as they end; a run that fails ends the document with the steps before it.",
      "With --qmp the machine stays up until a client says quit.",
      "With --from the image has the machine, its kernel and its seed; the FILE's own are not used, and may be missing. What follows is what would have followed. Programs beside the machine (udev, agents) are not in it.",
      "HOST is what `memhp capture` recorded, or a description of a machine: a QEMU command line, what `lsmem -J` printed, a kernel's log, a topology of hwloc (XML), a tree of /sys. The nearest kernel runs, or that of --kernel, with the seed of --seed or of FILE. First is told what HOST does not tell; a refusal for such a page says so, and names its owner `unknown`.",
      "With --save IMAGE a checkpoint step named N writes IMAGE.N.",
      "With --inspect the run waits for a viewer, and its last picture stays until it is interrupted (exit code 130). The page needs no internet; Stately's inspector, which does, is offered beside it.",
      "Exit codes: 0 done, 1 an expectation or the run failed, 2 wrong usage or bad input.",
    ],
  },
  async run(args, host) {
    const [file = "-"] = args.operands;
    const label = fileLabel(file);
    const options = executeOptions(args);
    const qmp = args.text("qmp");
    const outputs = outputFiles(args);
    const from = args.text("from");
    assertDistinct(
      [{ what: "the scenario", path: file }, ...(from === undefined ? [] : [{ what: "--from", path: from }])],
      outputs,
    );
    const chosen = await chosenBlocks(args);
    const document = await readDocumentFile(file, host, from !== undefined);
    const image =
      from === undefined
        ? undefined
        : await (await import("../input/read-from.ts")).readFrom(from, options, document.seed, host);
    if (image !== undefined) tellHead(image, args, host);
    const monitor = qmp === undefined ? undefined : await (await import("../serve/monitor.ts")).monitorAddress(qmp);
    const inspector = args.flag("inspect") ? await startInspector(chosen, args, host) : undefined;
    const told = summaryReader();
    const ignored = image === undefined ? [] : besideImage(document);
    const readers = [
      ...(await readersFor(args, host, label, ignored)),
      told,
      ...(inspector === undefined ? [] : [inspector.reader]),
    ];
    // The machine of the file is not the one that ran.
    const ran = from === undefined ? document : { ...document, rawMachine: { from } };
    if (args.flag("json")) readers.push(traceJsonReader(host.stdout, ran, image?.image.seed ?? options.seed, ignored));
    const execution = {
      document,
      file: label,
      options: { ...options, keepSteps: false },
      readers,
      ...(image === undefined ? {} : { from: image }),
    };
    const served = await serveAlongside(args, host);
    if (served !== undefined) readers.push({ machine: (machine) => void served.room.attach(label, machine, true) });
    let outcome: RunOutcome;
    try {
      outcome = await executeAndKeep(execution, monitor, args.text("save"), host);
    } finally {
      await served?.close();
    }
    if (!args.flag("json") && !args.flag("quiet")) host.stdout.write(told.text());
    host.stderr.write(failureLines(outcome.failures, label));
    if (inspector !== undefined) {
      await inspector.untilInterrupted();
      return ExitCode.interrupted;
    }
    return outcome.failures.length === 0 ? ExitCode.done : ExitCode.failed;
  },
};

/** Beside the timeline; standard output that a program reads has no place for it. */
function tellHead({ head }: StartingPoint, args: Arguments, { stdout, stderr }: Host): void {
  const output = args.flag("json") || args.flag("quiet") ? stderr : stdout;
  for (const line of head) output.write(`${line}\n`);
}

/** Runs, and lets the machine stay up for as long as a monitor or an image needs it. */
async function executeAndKeep(
  execution: Execution,
  monitor: QmpAddress | undefined,
  save: string | undefined,
  host: Host,
): Promise<RunOutcome> {
  if (monitor === undefined && save === undefined) return execute(execution, host);
  const saved = save === undefined ? undefined : openImage(save, host);
  const onCheckpoint = (name: string, image: MachineImage): Promise<void> =>
    saveCheckpoint(`${save}.${name}`, image, host);
  const keeping = save === undefined ? execution : { ...execution, onCheckpoint };
  try {
    return await executeThen(keeping, host, async (machine, ran) => {
      if (monitor !== undefined) await (await import("../serve/monitor.ts")).serveMonitor(machine, monitor, host);
      await saved?.write(machine);
      return ran;
    });
  } catch (error) {
    saved?.abandon();
    throw error;
  }
}

/** Files that the run writes. */
function outputFiles(args: Arguments): NamedFile[] {
  return [...Object.keys(fileReaders), "save"].flatMap((name) => {
    const path = args.text(name);
    return path === undefined ? [] : [{ what: `--${name}`, path }];
  });
}

const fileReaders: Readonly<Record<string, () => Promise<(file: LineFile) => RunReader>>> = {
  jsonl: async () => jsonLinesReader,
  perfetto: async () => (await import("../readers/perfetto.ts")).perfettoReader,
  sequence: async () => (await import("../readers/sequence.ts")).sequenceReader,
};

/** Opens all files or none. @throws InputError */
async function openFiles(args: Arguments, host: Host): Promise<RunReader[]> {
  const open: LineFile[] = [];
  const readers: RunReader[] = [];
  try {
    for (const [name, load] of Object.entries(fileReaders)) {
      const path = args.text(name);
      if (path === undefined) continue;
      const readerOf = await load();
      const file = host.createFile(path);
      open.push(file);
      readers.push(readerOf(file));
    }
    return readers;
  } catch (error) {
    for (const file of open) file.abandon();
    throw error;
  }
}

/** Who follows the run. */
async function readersFor(
  args: Arguments,
  host: Host,
  label: string,
  ignored: Machine["ignored"],
): Promise<RunReader[]> {
  const readers = await openFiles(args, host);
  if (args.flag("json") || args.flag("quiet")) readers.push(progressReader(progressLine(host.stderr), label));
  else readers.push(await timelineOf(host, ignored));
  return readers;
}

async function timelineOf(host: Host, ignored: Machine["ignored"]): Promise<RunReader> {
  const [{ timelineReader }, { terminalLayout }] = await Promise.all([
    import("../readers/timeline.ts"),
    import("../timeline/terminal-layout.ts"),
  ]);
  return timelineReader(host.stdout, terminalLayout(host.stdout, host.env), ignored);
}
