import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { mountAvailable } from "../src/node/index.ts";
import { ran } from "./machine.ts";

describe.runIf(mountAvailable().ok)("the example that tests a small agent", () => {
  test("passes under node:test", async () => {
    const file = fileURLToPath(new URL("../examples/onliner.test.ts", import.meta.url));
    const { status, stdout } = await ran(process.execPath, [
      "--conditions=@memhp/source",
      "--test-reporter=tap",
      "--test",
      file,
    ]);
    expect(stdout).toContain("# pass 2");
    expect(status).toBe(0);
  });
});
