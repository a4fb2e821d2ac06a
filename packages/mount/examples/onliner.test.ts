// How a program that onlines memory is tested against a machine that can fail. Run it with: node --test onliner.test.ts
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseFault } from "@memhp/sysfs";
import { startTestMachine } from "@memhp/mount/node";

const agent = fileURLToPath(new URL("onliner.sh", import.meta.url));
/** Beside this thread, which answers the agent. */
const run = promisify(execFile);
const offline = { memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes: [], cmdline: "memhp_default_state=offline" };

void test("memory that comes is brought online", async () => {
  const lab = await startTestMachine({ kernel: "6.12", machine: offline });
  try {
    await lab.addDimm("d0", 2 ** 28);
    const { stdout } = await run(agent, [lab.root, "2"]);
    assert.equal(stdout, "memory32 online\nmemory33 online\n");
    assert.equal(lab.read("memory33/valid_zones"), "Movable");
    // What the kernel told, and whom.
    const told = lab.events.flatMap((event) => (event.type === "uevent" ? [`${event.action}@${event.devpath}`] : []));
    assert.deepEqual(told.slice(-2), [
      "online@/devices/system/memory/memory32",
      "online@/devices/system/memory/memory33",
    ]);
  } finally {
    await lab.close();
  }
});

void test("what is refused once is tried again", async () => {
  const lab = await startTestMachine({ kernel: "6.12", machine: offline });
  lab.machine.faults.add(parseFault(["/sys/devices/system/memory/memory32/state", "write", "ENOMEM", "once"]));
  try {
    await lab.addDimm("d0", 2 ** 28);
    const { stdout } = await run(agent, [lab.root, "2"]);
    assert.equal(stdout, "memory32 refused\nmemory33 online\nmemory32 online\n");
  } finally {
    await lab.close();
  }
});
