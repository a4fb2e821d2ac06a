// The recorder's command line: see README.md.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseDocument, type RunDocument } from "@memhp/scenario";
import { type CompareCommand, parseCommandLine, type RecordCommand, UsageError } from "./command-line.ts";
import { compareRecordings } from "./compare.ts";
import { startMemhp } from "./memhp/memhp-target.ts";
import type { GuestModule } from "./qemu/initramfs.ts";
import { startQemu } from "./qemu/qemu-target.ts";
import { checkRecordable, record, type RecordedTrace } from "./record.ts";
import type { Target } from "./target.ts";
import { printTrace } from "./trace-text.ts";

try {
  const command = parseCommandLine(process.argv.slice(2));
  process.exitCode = command.command === "record" ? await runRecord(command) : runCompare(command);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function runRecord(command: RecordCommand): Promise<number> {
  const document = parseDocument(readFileSync(command.file, "utf8"), command.file);
  checkRecordable(document);
  const target = await start(command, document);
  try {
    const trace = await record(document, target, {
      ...(command.about !== undefined && { about: command.about }),
      onStep: ({ step }, i, total) => console.error(`${i + 1}/${total} ${step.op}`),
    });
    const text = printTrace(trace);
    if (command.out === undefined) process.stdout.write(text);
    else writeFileSync(command.out, text);
    return 0;
  } finally {
    await target.close();
  }
}

function start({ target }: RecordCommand, { machine, kernel, rawMachine, kernelBlocks }: RunDocument): Promise<Target> {
  if (target.kind === "memhp") return startMemhp({ machine, kernel, kernelBlocks });
  const { extra = [] } = rawMachine as { readonly extra?: readonly string[] };
  return startQemu({
    machine,
    extra,
    kernel: join(target.guest, "vmlinuz"),
    agent: join(target.guest, "agent"),
    modules: readModules(join(target.guest, "modules")),
    ...(target.qemu !== undefined && { qemu: target.qemu }),
  });
}

/** A module's name is its file's. */
function readModules(folder: string): GuestModule[] {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".ko")) : [];
  return files.map((file) => ({ name: basename(file, ".ko"), bytes: readFileSync(join(folder, file)) }));
}

function runCompare({ kernel, memhp }: CompareCommand): number {
  const read = (file: string): RecordedTrace => JSON.parse(readFileSync(file, "utf8")) as RecordedTrace;
  const { total, matched, differences } = compareRecordings(read(kernel), read(memhp));
  for (const difference of differences) console.error(JSON.stringify(difference));
  console.log(JSON.stringify({ total, matched }));
  return matched === total ? 0 : 1;
}
