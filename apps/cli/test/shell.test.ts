import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { kernels } from "@memhp/kernels";
import { mountAvailable } from "@memhp/mount/node";
import { describe, expect, test } from "vitest";
import { memhp, type Ran } from "./test-host.ts";

const machine = `
format: memhp-scenario/1
name: for tools
kernel: "6.12"
machine: { nodes: { count: 2, memory: 1G }, dimms: { per_node: 1, size: 512M } }
steps: []
`;
const files = { "m.yaml": machine };

describe("the built-in prompt", () => {
  const typed = (...lines: string[]): Promise<Ran> => memhp(["shell", "--builtin", "m.yaml"], { files, lines });

  test("cat and echo speak to the machine; a refusal is explained; the status is the last one's", async () => {
    const { stdout, stderr, exitCode } = await typed(
      "cat memory32/state memory32/valid_zones",
      "echo online_movable > memory32/state",
      "cat /sys/devices/system/node/node0/memory32/state # by its node",
      "echo online > memory32/state",
    );
    expect(stdout).toBe("offline\nNormal Movable\nonline\n");
    expect(stderr).toContain("uevent: online@/devices/system/memory/memory32\n");
    expect(stderr).toContain("echo: write error: Invalid argument\n  Nothing changes for block 32");
    expect(exitCode).toBe(1);
  });

  test("ls, cd, pwd and tree walk", async () => {
    const { stdout } = await typed("cd ../node/node1", "pwd", "ls /", "cd /nothing", "tree memory36/power");
    const power = "async autosuspend_delay_ms control runtime_active_kids runtime_active_time runtime_enabled";
    const listed = `${power} runtime_status runtime_suspended_time runtime_usage`
      .split(" ")
      .map((name) => `  ${name}\n`);
    expect(stdout).toBe(`/sys/devices/system/node/node1\n.memhp\nproc\nsys\nmemory36/power\n${listed.join("")}`);
  });

  test("lsmem, chmem, DIMMs and loads have their own words, and mistakes are named with what is allowed", async () => {
    const { stdout, stderr } = await typed(
      "chmem -v -e -b 32",
      "lsmem -n -S STATE -o RANGE,STATE --summary=never",
      "dimm_add extra 256M 1",
      "dimm_add extra 256M 1",
      "load db anon 100M 7",
      "load db tea 100M",
      "unload db",
      "frobnicate",
      'echo \'a b\' "c\\"d" e\\ f',
      "echo 'a",
    );
    expect(stdout).toBe(
      "Memory Block 32 (0x0000000100000000-0x0000000107ffffff) enabled\n" +
        "0x0000000000000000-0x000000007fffffff  online\n" +
        "0x0000000100000000-0x0000000107ffffff  online\n" +
        "0x0000000108000000-0x000000013fffffff offline\n" +
        'a b c"d e f\n',
    );
    const messages = stderr.split("\n").filter((line) => !line.startsWith("uevent"));
    expect(messages).toEqual([
      expect.stringMatching(/^dimm_add: .*mem-extra/),
      'load: expected a node of 0..1, found "7"',
      expect.stringMatching(/^load: kind "tea" is not known \(allowed: anon, /),
      'unload: no load "db" (running: none)',
      "frobnicate: not known here; help says what is",
      "unfinished '",
      "",
    ]);
  });

  test("every operation of a scenario is a word of the prompt, and tells its result", async () => {
    const { stdout, stderr } = await typed(
      "step udev of=rhel7",
      "step dimm_add id=d9 size=256M node=1",
      "step settle",
      "cat memory40/state",
      "step load id=x kind=anon",
      "step levitate",
      "step",
    );
    expect(stdout).toContain('{"rules":5}\n');
    expect(stdout).toContain('"settled":true');
    expect(stdout.endsWith("online\n")).toBe(true);
    const messages = stderr.split("\n").filter((line) => line.startsWith("step: "));
    expect(messages).toEqual([
      expect.stringContaining("size"),
      expect.stringContaining("levitate"),
      "step: OP is missing",
    ]);
  });

  test("an offline that never ends is given up after two minutes of the machine's time", async () => {
    const { stdout, stderr } = await typed(
      "chmem -e -b 36-39",
      "step load id=p kind=pinned size=900M node=1",
      "echo offline > memory36/state",
      "echo offline > memory39/state",
      "cat memory36/state memory39/state",
    );
    expect(stderr).toContain("echo: write error: Interrupted system call\n");
    expect(stdout.endsWith("online\n")).toBe(true);
  });

  test("modprobe loads the error injection, whose files take errors", async () => {
    const { stdout, stderr } = await typed(
      "modprobe memory-notifier-error-inject priority=0",
      "echo -12 > /sys/kernel/debug/notifier-error-inject/memory/actions/MEM_GOING_ONLINE/error",
      // What is there already stays as it is.
      "modprobe memory-notifier-error-inject",
      "echo online > memory32/state",
      "modprobe -r memory-notifier-error-inject",
      "ls /sys/kernel/debug",
      "modprobe loop",
    );
    expect(stdout).toBe("");
    expect(stderr).toContain("echo: write error: Cannot allocate memory");
    expect(stderr).toContain("modprobe: module loop is not simulated (allowed: memory-notifier-error-inject, ");
  });
});

// Needs /dev/fuse and permission to mount; numactl and lstopo come from Debian. Elsewhere these are counted as skipped.
const canMount = mountAvailable().ok;
const has = (program: string): boolean => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

/** What a script prints in the namespace of a machine, and the exit code. */
async function inside(
  script: string,
  kernel = "6.12",
  document = machine,
): Promise<{ readonly said: string; readonly exitCode: number }> {
  const directory = mkdtempSync(join(tmpdir(), "memhp-shell-"));
  try {
    const command = `( ${script}\n) > ${directory}/said 2>&1`;
    const { exitCode } = await memhp(["shell", "-q", "--speed", "max", "--kernel", kernel, "-c", command, "m.yaml"], {
      files: { "m.yaml": document },
      env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C" },
    });
    return { said: readFileSync(`${directory}/said`, "utf8"), exitCode };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe.runIf(canMount)("a shell in the machine's namespace", () => {
  test("real paths are the machine's, the exit code is the command's, and nobody else sees it", async () => {
    const { said, exitCode } = await inside(
      "cat /sys/devices/system/memory/memory32/state /sys/bus/memory/devices/memory32/valid_zones; grep MemTotal /proc/meminfo; exit 7",
    );
    expect(said).toMatch(/^offline\nNormal Movable\nMemTotal: +\d+ kB\n$/);
    expect(exitCode).toBe(7);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(" /sys/devices/system/memory ");
  });

  test.runIf(existsSync("/sys/bus/dax"))(
    "a dax device is the machine's there, and so are its driver and module",
    async () => {
      const { said } = await inside(
        [
          "ls /sys/bus/dax/devices; cat /sys/bus/dax/devices/dax0.0/size",
          "ls /sys/bus/dax/drivers; modprobe kmem; ls /sys/bus/dax/drivers/kmem",
          "grep kmem /proc/iomem",
        ].join("\n"),
        "6.12",
        machine.replace("dimms: { per_node: 1, size: 512M }", "dax: [{ source: cxl, size: 512M, node: 0 }]"),
      );
      expect(said).toMatch(/^dax0\.0\n536870912\ndevice_dax\n/);
      expect(said).toContain("System RAM (kmem)");
    },
  );

  test.runIf(has("chmem"))("Debian's chmem does there what memhp chmem does", async () => {
    const steps = [
      ["-e", "256M"],
      ["-v", "-e", "128M"],
      ["-b", "-v", "-d", "32"],
      ["-b", "-v", "-d", "32"],
      ["-v", "-e", "-z", "Normal", "-b", "32"],
      ["-v", "-d", "-z", "Movable", "-b", "32"],
      ["-v", "-e", "-z", "Movable", "-b", "39"],
      ["-v", "-e", "-b", "38-41"],
      ["-e", "100G"],
      ["-d", "0x1-0x2"],
      ["-e", "3M"],
      ["-e", "32-35"],
      ["-b", "-e", "999"],
      ["-b", "-v", "-e", "999"],
      ["-b", "-e", "x"],
      ["-e", "1-2-3"],
      ["-b", "-e", "35-32"],
      ["-z", "Foo", "-b", "-e", "33"],
    ];
    const script = steps.map((words) => `chmem ${words.join(" ")}; echo "= $?"`).join("\n");
    const { said } = await inside(script);
    const lines = steps.map((words) => `chmem ${words.join(" ")}`);
    const { stdout, stderr } = await memhp(["shell", "-q", "--builtin", "m.yaml"], { files, lines });
    expect(said.match(/^= \d+$/gm)).toHaveLength(steps.length);
    const debian = said.split("\n").filter((line) => !line.startsWith("= ") && !line.startsWith("Try "));
    expect(debian.filter((line) => line.startsWith("chmem: "))).toEqual(
      stderr.split("\n").filter((line) => line !== "" && !line.startsWith("Try ")),
    );
    expect(debian.filter((line) => line !== "" && !line.startsWith("chmem: "))).toEqual(
      stdout.split("\n").filter((line) => line !== ""),
    );
  });

  test.runIf(has("numactl"))("numactl and numastat say what /sys of the machine says", async () => {
    const { said } = await inside("numactl -H; numastat");
    expect(said).toMatch(/^available: 2 nodes \(0-1\)\nnode 0 cpus: 0\nnode 0 size: \d+ MB\n/);
    expect(said).toContain("node   0   1 \n  0:  10  20 \n  1:  20  10 \n");
    expect(said).toMatch(/numa_hit +\d+ +\d+\n/);
  });

  // It needs the module that injects errors.
  const injecting = kernels.filter(({ config }) => config.MEMORY_NOTIFIER_ERROR_INJECT);
  test.each(injecting)("the flow of the kernel's selftest passes on $id", async ({ id: kernel }) => {
    const script = fileURLToPath(new URL("selftest-flow.sh", import.meta.url));
    expect(await inside(`sh ${script} ${kernel.startsWith("4.") ? "OLD" : "NEW"} -12`, kernel)).toEqual({
      said: "",
      exitCode: 0,
    });
  });
});

test.runIf(has("lstopo-no-graphics"))("hwloc draws the nodes of an export", async () => {
  const directory = mkdtempSync(join(tmpdir(), "memhp-export-"));
  try {
    expect((await memhp(["export", `${directory}/tree`, "m.yaml"], { files })).exitCode).toBe(0);
    const env = { ...process.env, HWLOC_FSROOT: `${directory}/tree`, HWLOC_COMPONENTS: "linux,stop" };
    const { stdout } = spawnSync("lstopo-no-graphics", ["--of", "console"], { encoding: "utf8", env });
    expect(stdout).toMatch(/NUMANode L#0 \(P#0 \d+MB\)/);
    expect(stdout).toMatch(/NUMANode L#1 \(P#1 \d+MB\)/);
    expect((await memhp(["export", `${directory}/tree`, "m.yaml"], { files })).stderr).toContain("is not empty");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
