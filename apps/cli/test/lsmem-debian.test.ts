import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kernels } from "@memhp/kernels";
import { mountAvailable, mountMachine } from "@memhp/mount/node";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../src/arguments/arguments.ts";
import { lsmem, lsmemOptions } from "../src/commands/lsmem.ts";
import { lsmem as printLsmem } from "../src/lsmem/lsmem.ts";
import { bootShape, machineShapes } from "./machines.ts";

// Debian 12's lsmem, and permission to mount; where one is missing these are counted as skipped.
const hasLsmem = String(spawnSync("lsmem", ["--version"]).stdout).includes("2.38");

const asked = [
  [],
  ["--output-all"],
  ["-a", "-b", "--output-all"],
  ["-J", "--output-all"],
  ["-S", "STATE,ZONES", "-o", "RANGE,SIZE,STATE,ZONES"],
  ["-S", "none", "-o", "RANGE,SIZE"],
  ["-P", "-o", "+NODE,ZONES"],
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

describe.runIf(hasLsmem && mountAvailable().ok)("Debian's lsmem", () => {
  const cases = kernels.flatMap(({ id: kernel }) => Object.keys(machineShapes).map((shape) => ({ kernel, shape })));

  test.each(cases)("says of a mount what memhp lsmem says: $kernel, $shape", async ({ kernel, shape }) => {
    const machine = await bootShape(shape, kernel);
    const ours = asked.map((args) => printLsmem(machine.files, lsmemOptions(parseCommandLine(lsmem.spec, args))));
    const directory = mkdtempSync(join(tmpdir(), "memhp-lsmem-"));
    const mount = await mountMachine(machine, directory);
    try {
      expect(await askDebian(directory)).toEqual(ours);
    } finally {
      await mount.unmount();
      await machine.close();
      rmSync(directory, { recursive: true });
    }
  });
});
