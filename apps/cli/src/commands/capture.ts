import { CaptureError } from "@memhp/capture";
import { captureHost, type CaptureOptions, type CaptureSummary } from "@memhp/capture/node";
import { commonOptions } from "../arguments/command-spec.ts";
import type { Command } from "../command.ts";
import { InputError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";
import type { Host } from "../host.ts";

export const capture: Command = {
  spec: {
    name: "capture",
    about: "Records this Linux host's memory, for `memhp explain`. Only OUT is written; nothing is tried.",
    operands: { name: "OUT", min: 1, max: 1 },
    options: { json: commonOptions.json },
    notes: [
      "OUT is a new directory, or an archive: .tar.zst, .tar.gz or .tar.",
      "As root, what every page is (/proc/kpageflags, kpagecount, kpagecgroup) is recorded too; without it, blocks in kernel zones cannot be judged.",
      "Left out: names of programs, users, disks and swap files, words of the kernel's command line that are not about memory, who built the kernel, and where it lies in memory.",
      "A host without Node can be recorded with memhp-capture.sh of the package @memhp/capture, which needs a POSIX shell, coreutils and gzip.",
      "Exit codes: 0 done, 1 failed, 64 without what only root may read.",
    ],
  },
  async run(args, host) {
    const [out] = args.operands as [string];
    const ended = new AbortController();
    const release = host.onInterrupt(() => ended.abort());
    try {
      const summary = await captureHost(out, { signal: ended.signal, ...progressOf(host) });
      host.stdout.write(args.flag("json") ? `${JSON.stringify(summary, undefined, 2)}\n` : summaryText(out, summary));
      return summary.unreadable.length === 0 ? ExitCode.done : ExitCode.partlyDone;
    } catch (error) {
      if (error instanceof CaptureError) throw new InputError(error.message);
      const { code } = error as NodeJS.ErrnoException;
      if (typeof code === "string") throw new InputError(`${out}: cannot be written (${code})`, { cause: error });
      throw error;
    } finally {
      release();
    }
  },
};

/** Percent of the pages, on a terminal. */
function progressOf({ stderr }: Host): Pick<CaptureOptions, "onProgress"> {
  if (!stderr.isTerminal) return {};
  let shown = -1;
  return {
    onProgress: ({ pages, total }) => {
      const percent = total === 0 ? 100 : Math.floor((100 * pages) / total);
      if (percent === shown) return;
      shown = percent;
      stderr.write(`\rpages: ${percent} %${percent === 100 ? "\n" : ""}`);
    },
  };
}

function summaryText(out: string, { files, pages, unreadable, cmdlineWordsLeftOut: words }: CaptureSummary): string {
  const read = pages.filter(({ pages: count }) => count > 0);
  const lines = [
    `${out}: ${files} files${read.length === 0 ? "" : ` and ${read[0]?.pages} pages`}.`,
    ...read.map(({ file, runs }) => `  ${file}: ${runs} runs`),
    ...(words === 0 ? [] : [`  /proc/cmdline: ${words} word${words === 1 ? "" : "s"} not about memory left out`]),
  ];
  if (unreadable.length > 0) {
    lines.push(
      "Missing, because they could not be read:",
      ...unreadable.slice(0, MOST).map(({ path, reason }) => `  ${path} (${reason})`),
    );
    if (unreadable.length > MOST) lines.push(`  and ${unreadable.length - MOST} more`);
    if (unreadable.some(({ reason }) => reason === "EACCES" || reason === "EPERM")) lines.push("Root may read them.");
  }
  lines.push(`Now: memhp explain ${out}`);
  return `${lines.join("\n")}\n`;
}

const MOST = 12;
