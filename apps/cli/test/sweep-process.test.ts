import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { bundledCommand } from "./bundled-command.ts";

const main = await bundledCommand();
const folder = mkdtempSync(join(tmpdir(), "memhp-sweep-"));
afterAll(() => rmSync(folder, { recursive: true }));

const sweep = `
format: memhp-sweep/1
parameters: { size: [128M, 256M, 512M] }
seeds: { count: 50 }
scenario:
  kernel: "6.12"
  machine: { memory: 1G, smp: 1, slots: 4, maxmem: 8G, nodes: [], cmdline: memhp_default_state=offline }
  steps:
    - { op: load, id: a, kind: anon, size: "{{size}}", churn: 0.5 }
    - { op: dimm_add, id: d0, size: 512M }
    - { op: online, blocks: "dimm:d0", type: movable, label: onlined }
measures: { at: { value: steps.onlined.at_ns } }
`;

/** Processes that a process has started (Linux). */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

test.skipIf(process.platform !== "linux")(
  "a signal ends the fuzzer at once, and it tells how far it has come",
  { timeout: 120_000 },
  async () => {
    const fuzz = ["--conditions=@memhp/source", main, "fuzz", "--time", "1h", "--workers", "1", "--json"];
    const child = spawn(process.execPath, fuzz, { stdio: ["ignore", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
    const children = (): number[] => childrenOf(child.pid ?? 0);
    await until(() => children().length > 0);
    const workers = children();
    child.kill("SIGTERM");
    const [code] = (await once(child, "close")) as [number | null];
    await until(() => workers.every((pid) => !existsSync(`/proc/${pid}`)));
    expect([code, JSON.parse(stdout)]).toMatchObject([130, { interrupted: true, counts: { findings: 0 } }]);
  },
);

test.skipIf(process.platform !== "linux")(
  "workers are killed, the sweep is interrupted, then killed: no process stays, and what comes of it in the end is the same",
  { timeout: 300_000 },
  async () => {
    const file = join(folder, "sweep.yaml");
    writeFileSync(file, sweep);
    const out = (name: string): string => join(folder, `${name}.jsonl`);
    const linesIn = (name: string): number =>
      existsSync(out(name)) ? readFileSync(out(name), "utf8").split("\n").length - 1 : 0;
    const words = (name: string, ...more: readonly string[]): string[] => [
      "--conditions=@memhp/source",
      main,
      "sweep",
      file,
      "--json",
      "--out",
      out(name),
      ...more,
    ];
    const broken = async (after: number, signal: NodeJS.Signals): Promise<{ code: number | null; stderr: string }> => {
      const child = spawn(process.execPath, words("broken", "--workers", "2"), { stdio: ["ignore", "ignore", "pipe"] });
      let stderr = "";
      child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
      await until(() => linesIn("broken") > after);
      const [victim] = childrenOf(child.pid ?? 0);
      // Process 0 would be all of this test's group.
      if (victim === undefined) throw new Error("no worker is there");
      process.kill(victim, "SIGKILL");
      await until(() => linesIn("broken") > after + 3);
      const children = childrenOf(child.pid ?? 0);
      expect(children.length).toBeGreaterThan(0);
      child.kill(signal);
      const [code] = (await once(child, "close")) as [number | null];
      await until(() => children.every((pid) => !existsSync(`/proc/${pid}`)));
      return { code, stderr };
    };
    const first = await broken(1, "SIGINT");
    expect(first.code).toBe(130);
    expect(first.stderr).toMatch(
      /^memhp sweep: interrupted after \d+ of 150 runs; the same command goes on with .*broken.jsonl\n$/,
    );
    expect((await broken(linesIn("broken"), "SIGKILL")).code).toBe(null);
    expect(linesIn("broken")).toBeLessThan(151);
    const whole = spawnSync(process.execPath, words("whole", "--workers", "0"), { encoding: "utf8" });
    const resumed = spawnSync(process.execPath, words("broken", "--workers", "0"), { encoding: "utf8" });
    expect([resumed.status, resumed.stdout]).toEqual([whole.status, whole.stdout]);
    expect(readFileSync(out("broken"), "utf8")).toBe(readFileSync(out("whole"), "utf8"));
  },
);
