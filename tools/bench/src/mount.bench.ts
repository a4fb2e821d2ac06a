import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { mountAvailable, mountMachine } from "@memhp/mount/node";
import type { Benchmark, Measure } from "./benchmark.ts";

const TMPFS = "/dev/shm";
const TIMES = 4000;
const ROUNDS = 3;

// The word is one that `auto_online_blocks` takes at once: what a hotplug operation takes is no matter of the mount.

/** Microseconds for each operation, measured in another process: perl has no runtime that would wake up beside it. */
const CLIENT = `
use Time::HiRes qw(time); use Fcntl;
my ($path, $times) = @ARGV;
sub timed { my ($name, $n, $code) = @_; my $t = time; $code->() for 1..$n; printf "%s %.2f\\n", $name, (time - $t) / $n * 1e6; }
sysopen(my $f, $path, O_RDWR) or die "$path: $!";
timed("read", $times, sub { sysseek($f, 0, 0); sysread($f, my $b, 4096) });
timed("write", $times, sub { sysseek($f, 0, 0); syswrite($f, "online") });
timed("open_read_close", $times / 4, sub { open(my $g, "<", $path); sysread($g, my $b, 4096); close $g });
`;

type Times = Readonly<Record<string, number>>;

function run(command: string, args: readonly string[], fd?: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit", ...(fd === undefined ? [] : [fd])] });
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
    child.once("error", reject);
    child.once("close", (status) =>
      status === 0 ? resolve(text) : reject(new Error(`${command} ended with ${String(status)}`)),
    );
  });
}

/** The fastest of some rounds, for each operation. */
async function measure(path: string): Promise<Times> {
  const best: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const line of (await run("perl", ["-e", CLIENT, path, String(TIMES)])).trim().split("\n")) {
      const [name = "", us = ""] = line.split(" ");
      best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, Number(us));
    }
  }
  return best;
}

async function measureFloor(directory: string): Promise<Times> {
  const fd = openSync("/dev/fuse", "r+");
  const worker = new Worker(new URL("./mount-floor.ts", import.meta.url), { workerData: { fd } });
  const ended = new Promise<void>((resolve) => {
    worker.once("exit", () => resolve());
  });
  const options = "fd=3,rootmode=040000,user_id=0,group_id=0,default_permissions,allow_other";
  await run("mount", ["-i", "-t", "fuse.memhp", "-o", options, "memhp-floor", directory], fd);
  try {
    return await measure(`${directory}/state`);
  } finally {
    await run("umount", ["-f", "-l", directory]);
    await ended;
  }
}

async function measureMachine(directory: string): Promise<Times> {
  const spec = parseMachineSpec({ memory: "2G", slots: 1, maxmem: "4G", smp: 1, nodes: [] });
  const machine = await bootMachine(spec, { kernel: "6.12" });
  const mount = await mountMachine(machine, directory);
  try {
    return await measure(`${directory}/sys/devices/system/memory/auto_online_blocks`);
  } finally {
    await mount.unmount();
    await machine.close();
  }
}

const benchmark: Benchmark = {
  name: "mount",
  async run(): Promise<Measure[]> {
    const available = mountAvailable();
    if (!available.ok) throw new Error(`mount: ${available.why}`);
    const directory = await mkdtemp(join(tmpdir(), "memhp-bench-"));
    try {
      const file = join(TMPFS, `memhp-bench-${process.pid}`);
      await writeFile(file, "online\n");
      const plain = await measure(file);
      await rm(file);
      const mountpoint = await mkdtemp(join(directory, "at-"));
      const floor = await measureFloor(mountpoint);
      const served = await measureMachine(mountpoint);
      return ["read", "write", "open_read_close"].flatMap((name) => {
        const us = served[name] as number;
        return [
          { measure: `${name.replaceAll("_", ", ")} of an attribute`, value: 1e6 / us, unit: "per second" },
          {
            measure: "the same, to an adapter that does nothing",
            value: us / (floor[name] as number),
            unit: "ratio",
            limit: 2,
          },
          { measure: "the same, to a file of tmpfs", value: us / (plain[name] as number), unit: "ratio" },
        ];
      });
    } finally {
      await rm(directory, { recursive: true });
    }
  },
};
export default benchmark;
