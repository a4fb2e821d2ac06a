import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { allSpecs } from "../src/commands.ts";
import { memhp } from "./test-host.ts";

const temp = mkdtempSync(join(tmpdir(), "memhp-small-"));
afterAll(() => rmSync(temp, { recursive: true }));

test("kernels: no more recorded runs are claimed than there are", async () => {
  const traces = new URL("../../../tools/conformance/kernel-traces/", import.meta.url);
  const { stdout } = await memhp(["kernels", "--json"]);
  const { kernels } = JSON.parse(stdout) as { kernels: { id: string; recorded_runs: number }[] };
  for (const { id, recorded_runs: claimed } of kernels) {
    // The same kernel under another QEMU, and runs that were recorded besides, have folders of their own.
    const folders = readdirSync(traces).filter(
      (name) => name === id || name === `${id}-extra` || name.startsWith(`${id}-qemu`),
    );
    const files = folders.flatMap((name) => readdirSync(new URL(`${name}/`, traces)));
    expect([id, files.filter((name) => name.endsWith(".json")).length >= claimed]).toEqual([id, true]);
  }
  expect((await memhp(["kernels"])).stdout).toMatch(
    /^KERNEL +RUNS +STEPS +ABOUT\n4\.1 +\d+ +\d+ [^]*\n5\.15 +none +none .*; from source, not recorded\n/,
  );
});

test("examples are listed, shown and copied, and a copy overwrites nothing", async () => {
  const listed = (await memhp(["examples"])).stdout;
  for (const name of ["first-dimm", "pinned", "four-tib"]) expect(listed).toMatch(new RegExp(`^${name} `, "m"));
  expect((await memhp(["examples", "list"])).stdout).toBe(listed);
  expect(await memhp(["examples", "list", "pinned"])).toMatchObject({ exitCode: 2 });
  const { stdout } = await memhp(["examples", "show", "pinned"]);
  expect(stdout).toContain("format: memhp-scenario/1");
  expect(await memhp(["examples", "copy", "pinned", temp])).toMatchObject({ exitCode: 0 });
  expect(readFileSync(join(temp, "pinned.yaml"), "utf8")).toBe(stdout);
  expect((await memhp(["run", "-q", join(temp, "pinned.yaml")])).exitCode).toBe(0);
  expect(await memhp(["examples", "copy", "pinned", temp])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("pinned.yaml: a file of that name is there already") as string,
  });
  for (const wrong of [["show", "none"], ["fetch", "pinned"], ["show"], ["show", "pinned", "x"]])
    expect((await memhp(["examples", ...wrong])).exitCode).toBe(2);
});

test("doctor looks at everything that some command needs, and says what would help", async () => {
  const { exitCode, stdout } = await memhp(["doctor", "--json"]);
  const { findings } = JSON.parse(stdout) as { findings: { name: string; ok: boolean; remedy?: string }[] };
  expect([exitCode, findings.map(({ name }) => name)]).toEqual([
    0,
    ["node", "workers", "root", "fuse", "memory blocks", "kpageflags", "redis"],
  ]);
  for (const { ok, remedy } of findings) expect(remedy === undefined).toBe(ok);
  expect(findings[0]?.ok).toBe(true);
  expect((await memhp(["doctor"])).stdout).toMatch(/^yes {2}node/);
});

test("completion and manual know every command and every option", async () => {
  const specs = await allSpecs();
  const texts = await Promise.all(
    [["completion", "bash"], ["completion", "zsh"], ["completion", "fish"], ["man"]].map(
      async (args) => (await memhp(args)).stdout,
    ),
  );
  for (const text of texts) {
    const plain = text.replaceAll("\\-", "-");
    for (const { name, options } of specs) {
      expect(plain).toContain(name);
      for (const option of Object.keys(options)) expect(plain).toMatch(new RegExp(`(--|-l )${option}\\b`));
    }
  }
  expect((await memhp(["completion", "tcsh"])).stderr).toContain('"tcsh" is not known (allowed: bash, zsh, fish)');
});

/** What bash offers for a line that ends at its last word. */
function completed(script: string, words: readonly string[]): string[] {
  const asked = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _memhp; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return spawnSync("/bin/bash", ["-c", `${script}\n${asked}`], { encoding: "utf8" })
    .stdout.trim()
    .split("\n");
}

test("bash completes commands, options and files", async () => {
  const script = (await memhp(["completion", "bash"])).stdout;
  expect(completed(script, ["memhp", "exa"])).toEqual(["examples"]);
  expect(completed(script, ["memhp", "run", "--js"])).toEqual(["--json", "--jsonl"]);
  expect(completed(script, ["memhp", "run", "/etc/passw"])).toContain("/etc/passwd");
});
