import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { workspaceRoot } from "../src/workspace.ts";

const readme = readFileSync(join(workspaceRoot, "README.md"), "utf8");

test("the worked example of the README prints what the README says", () => {
  const [, command = "", output = ""] = /^```console\n\$ memhp ([^\n]*)\n([\s\S]*?)^```/m.exec(readme) ?? [];
  const ran = spawnSync(
    process.execPath,
    ["--conditions=@memhp/source", "apps/cli/src/main.ts", ...command.split(" ")],
    {
      cwd: workspaceRoot,
      encoding: "utf8",
    },
  );
  expect(ran.stderr).toBe("");
  expect(ran.stdout).toBe(output);
});

test("the scenario that the README shows is the file that it runs", () => {
  const shown = /^```yaml\n([\s\S]*?)^```/m.exec(readme)?.[1];
  const file = readFileSync(join(workspaceRoot, "packages/scenario/examples/refused.yaml"), "utf8");
  expect(file.slice(file.indexOf("\n") + 1)).toBe(shown);
});

test("the README counts the recorded runs that are compared", async () => {
  const { comparedTraceIds } = await import("../../conformance/src/index.ts");
  expect(readme).toContain(`${comparedTraceIds().length} recorded runs`);
});
