import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kernels } from "@memhp/kernels";
import { oddTree, oddTrees } from "@memhp/mount";
import { mountAvailable, mountMachine, readTreeOnDisk, writeTree } from "@memhp/mount/node";
import { type ExportedEntry, exportTree, importTree, type ReadTree } from "@memhp/sysfs";
import { lsmem as printLsmem, lsmemOptions } from "@memhp/shell";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../src/arguments/arguments.ts";
import { lsmem } from "../src/commands/lsmem.ts";
import { bootShape, machineShapes } from "./machines.ts";

// Debian 12's lsmem, and permission to mount; where one is missing these are counted as skipped.
const hasLsmem = String(spawnSync("lsmem", ["--version"]).stdout).includes("2.38");

const [oldest, newest] = [kernels.at(0)?.id, kernels.at(-1)?.id];
const MEMORY = "/sys/devices/system/memory";
const asked = [
  [],
  ["-a", "-b", "--output-all"],
  ["-J", "--output-all"],
  ["-S", "STATE,ZONES", "-o", "RANGE,SIZE,STATE,ZONES"],
  ["-r", "-n", "--output-all", "-S", "STATE,REMOVABLE,NODE,ZONES"],
];

/** What the real program says to each question, of a tree at a directory. */
function askDebian(sysroot: string): Promise<string[]> {
  const script = asked.map((args) => `lsmem -s ${sysroot} ${args.join(" ")}; printf '\\0'`).join("\n");
  return new Promise((resolve, reject) => {
    execFile("sh", ["-c", script], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } }, (error, stdout) => {
      if (error === null) resolve(stdout.split("\0").slice(0, -1));
      else reject(error);
    });
  });
}

const ourAnswers = (files: ReadTree): string[] =>
  asked.map((args) => printLsmem(files, lsmemOptions(parseCommandLine(lsmem.spec, args))));

async function inDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "memhp-lsmem-"));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe.runIf(hasLsmem)("Debian's lsmem", () => {
  // Kernels of which no run was recorded have the files of their neighbours.
  const cases = kernels
    .filter(({ recordedRuns }) => recordedRuns > 0)
    .flatMap(({ id: kernel }) => Object.keys(machineShapes).map((shape) => ({ kernel, shape })));

  test.each(cases)("says of an export what memhp lsmem says: $kernel, $shape", async ({ kernel, shape }) => {
    const machine = await bootShape(shape, kernel);
    await inDirectory(async (directory) => {
      writeTree(exportTree(machine.files, MEMORY), directory);
      expect(await askDebian(directory)).toEqual(ourAnswers(machine.files));
    });
    await machine.close();
  });

  // A mount reads the same files, whatever the kernel: the oldest and the newest stand for all.
  test.runIf(mountAvailable().ok).each(cases.filter(({ kernel }) => kernel === oldest || kernel === newest))(
    "says of a mount what memhp lsmem says: $kernel, $shape",
    async ({ kernel, shape }) => {
      const machine = await bootShape(shape, kernel);
      await inDirectory(async (directory) => {
        const mount = await mountMachine(machine, directory);
        try {
          expect(await askDebian(mount.directory)).toEqual(ourAnswers(machine.files));
        } finally {
          await mount.unmount();
          await machine.close();
        }
      });
    },
  );

  test.each(Object.keys(oddTrees))("says of an odd tree what memhp lsmem says: %s", async (odd) => {
    const machine = await bootShape("movable DIMM, half offline", "6.12");
    await inDirectory(async (directory) => {
      const entries = [...oddTree(exportTree(machine.files, MEMORY), [odd])];
      writeTree(entries, directory);
      expect(await askDebian(directory)).toEqual(ourAnswers(importTree(entries)));
      const back: ExportedEntry[] = [];
      for await (const entry of readTreeOnDisk(directory)) back.push(entry);
      expect(ourAnswers(importTree(back))).toEqual(ourAnswers(importTree(entries)));
      await machine.close();
    });
  });
});
