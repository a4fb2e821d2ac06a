import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const program = fileURLToPath(new URL("dry-loop-program.ts", import.meta.url));

describe("an event loop that runs dry", () => {
  test.for(["0", "2"])("with %s workers: the error says what waits for what, and the exit code is 1", (workers) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--conditions=@memhp/source", program, workers], {
      encoding: "utf8",
      timeout: 20_000,
    });
    expect(stdout).toBe("begins\n");
    expect(stderr).toContain("StuckError: nothing is left that could let it go on:");
    expect(stderr).toContain("  agent (holds the hotplug lock) waits for a signal or freed pages");
    expect(stderr).toContain("  udev waits for the hotplug lock, which agent holds");
    expect(status).toBe(1);
  });
});
