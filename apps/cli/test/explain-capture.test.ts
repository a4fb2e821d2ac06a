import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CaptureExplanation } from "../src/explain/capture/explain-capture.ts";
import { memhp } from "./test-host.ts";

const recorded = (name: string): string =>
  fileURLToPath(new URL(`../../../packages/capture/test/captures/${name}.tar.gz`, import.meta.url));

async function explained(name: string, ...args: readonly string[]): Promise<CaptureExplanation> {
  const { stdout, stderr } = await memhp(["explain", recorded(name), "--json", ...args]);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as CaptureExplanation;
}

test("a captured host is explained by the rules of the kernel that it runs", async () => {
  const { source, rules, counts, warnings } = await explained("6.12-idle");
  expect(source).toBe("capture");
  expect(rules).toEqual({ kernel: "6.12", why: "the host runs Linux 6.12.107+deb13-amd64", nearest: false });
  expect(counts).toEqual({
    goes_offline: 34,
    kills_programs: 0,
    refused: 6,
    never_ends: 0,
    unknown: 0,
    is_offline: 0,
  });
  expect(warnings).toEqual([]);
});

test("virtio-mem of a captured host, as far as its files tell", async () => {
  const { virtio_mem: devices } = await explained("6.12-virtiomem");
  // Its zoneinfo: ZONE_MOVABLE has 128,000 managed pages of 131,072, all of this device.
  expect(devices).toMatchObject([
    { id: "virtio1", addr: 2 ** 32, max: 2 ** 30, plugged: 128_000 * 4096, requested: null, stays: [] },
  ]);
  expect(devices?.[0]?.cannot_tell[0]).toContain("what is requested");
  expect((await explained("6.12-idle")).virtio_mem).toBeUndefined();
});

test("one block of it, with the page in its way", async () => {
  const { groups } = await explained("6.12-idle", "--block", "40");
  expect(groups).toHaveLength(1);
  const { answer, refusal } = groups[0] ?? {};
  expect([answer, refusal?.errno, refusal?.pages?.[0]?.kind]).toEqual(["refused", "EBUSY", "slab"]);
});

test("its plan for a DIMM names the commands", async () => {
  const { stdout } = await memhp(["explain", recorded("6.12-idle"), "--plan", "PNP0C80:00"]);
  expect(stdout).toMatch(/To free DIMM PNP0C80:00 \(4 blocks, 512M\)/);
  expect(stdout).toMatch(/^ {2}chmem -d -b 48-51$/m);
  expect(stdout).toMatch(/^ {2}echo offline > \/sys\/devices\/system\/memory\/memory48\/state$/m);
});

test("a plan that cannot be is exit code 1, and says which blocks stay", async () => {
  const { exitCode, stdout } = await memhp(["explain", recorded("6.12-idle"), "--plan", "node:1"]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/10 of 12 blocks go; 40,47 stay/);
});

test("--kernel judges it by the rules of another", async () => {
  const { rules } = await explained("6.12-idle", "--kernel", "6.1");
  expect(rules).toEqual({ kernel: "6.1", why: "--kernel 6.1", nearest: false });
});

test("a block that it has not is refused", async () => {
  const { exitCode, stderr } = await memhp(["explain", recorded("6.12-idle"), "--block", "20"]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/block 20 does not exist \(blocks: 0-15,32-55\)/);
});

test("what would go is told with its pages, where they go and a time", async () => {
  const { stdout } = await memhp(["explain", recorded("6.1-mlock"), "--block", "44"]);
  expect(stdout).toMatch(/32768 pages \(128M\) to move, to node 0, about 0\.8 s/);
});

test("a captured host is a machine to look at", async () => {
  const { exitCode, stdout } = await memhp(["lsmem", recorded("6.12-idle")]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Total online memory: +5G$/m);
  const zones = await memhp(["zones", recorded("6.12-idle")]);
  expect(zones.stdout).toMatch(/1 +Movable/);
});

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "memhp-capture-"));
});
afterEach(() => rmSync(home, { recursive: true }));

test("capture names what it needs", async () => {
  const { exitCode, stderr } = await memhp(["capture"]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/OUT/);
});

test("capture into a place that cannot be written is an error, and nothing is left", async () => {
  const { exitCode, stderr } = await memhp(["capture", join(home, "no/such/a.tar.zst")]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/no\/such\/a\.tar\.zst: cannot be written \(ENOENT\)|this kernel has no memory blocks/);
  expect(readdirSync(home)).toEqual([]);
});
