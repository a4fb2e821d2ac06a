// Every view of the web console at every size, light and dark: axe finds nothing in any, and pictures of all stand in tmp/views, which CI keeps.
// And every shipped scenario and recorded run whose bytes a page has to give as Node does.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { workspaceRoot } from "./workspace.ts";

const folder = join(workspaceRoot, "tmp/views");
rmSync(folder, { recursive: true, force: true });
const files = ["every-view", "machine", "hands", "documents", "bytes", "size"].map(
  (name) => `apps/console/test/browser/${name}`,
);
const test = [join(workspaceRoot, "tools/ci/src/test.ts"), ...files];
// In a whole browser where there is one: from day to day tests run in a headless shell.
const env = { MEMHP_CHROMIUM: "installed", ...process.env, MEMHP_SCREENSHOTS: folder };
const { status } = spawnSync(process.execPath, test, { cwd: workspaceRoot, env, stdio: "inherit" });
process.exitCode = status === 0 ? 0 : 1;
