import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { mountAvailable } from "@memhp/mount/node";
import { describe, expect, test } from "vitest";
import { memhp } from "./test-host.ts";

const run = promisify(execFile);

describe.runIf(mountAvailable().ok)("memhp mount", () => {
  test("serves the machine until it is interrupted; the control file takes the prompt's words", async () => {
    const directory = mkdtempSync(join(tmpdir(), "memhp-cli-mount-"));
    try {
      let heard = "";
      let ready = (): void => {};
      const isReady = new Promise<void>((resolve) => {
        ready = resolve;
      });
      const used = isReady.then(async () => {
        const script = `cat ${directory}/sys/devices/system/memory/block_size_bytes
echo 'dimm_add extra 256M 1' > ${directory}/.memhp/control
cat ${directory}/sys/devices/system/memory/memory64/state
echo 'dimm_add extra 256M 1' > ${directory}/.memhp/control; cat ${directory}/.memhp/error`;
        return run("sh", ["-c", script]);
      });
      const { exitCode, stderr } = await memhp(["mount", directory, "--speed", "max"], {
        onStderr(text) {
          heard += text;
          if (heard.includes("/sys and /proc")) ready();
        },
        interrupted: async () => {
          await used;
        },
      });
      const { stdout } = await used;
      expect(stdout).toMatch(/^8000000\nonline\ndimm_add extra 256M 1: .*mem-extra.*\n$/);
      expect(stderr).toContain(`memhp mount: 6.12 at ${directory}/sys and /proc\n`);
      expect(exitCode).toBe(130);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("what cannot be mounted over, and a speed that makes no sense, are named", async () => {
    expect(await memhp(["mount", "/etc/passwd"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("/etc/passwd"),
    });
    const { stderr, exitCode } = await memhp(["mount", "/nowhere/x", "--speed", "-1"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--speed: expected a number above 0, up to 1000000, or max, found "-1"');
  });
});
