// Records what a real QEMU answers: pnpm --filter @memhp/qmp record [NAME…]. Needs Debian's qemu-system-x86; CI does not run it.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { SCRIPTS, SLOW_SCRIPTS, type QemuScript } from "./qemu-scripts.ts";

const QEMU = process.env["QEMU"] ?? "qemu-system-x86_64";
const MACHINE = [
  ["-S", "-nodefaults", "-display", "none", "-machine", "q35", "-accel", "tcg", "-smp", "1"],
  ["-m", "2G,slots=4,maxmem=8G"],
  ["-object", "memory-backend-ram,id=ram0,size=1G", "-object", "memory-backend-ram,id=ram1,size=1G"],
  ["-numa", "node,nodeid=0,memdev=ram0,cpus=0", "-numa", "node,nodeid=1,memdev=ram1"],
].flat();

interface RecordedStep {
  send: string;
  times?: number;
  receive: string[];
}

const file = fileURLToPath(new URL("data/qemu-7.2.json", import.meta.url));

async function record(
  script: QemuScript,
): Promise<{ name: string; raw?: true; steps: RecordedStep[]; closed: boolean }> {
  const folder = mkdtempSync(join(tmpdir(), "record-qemu-"));
  const path = join(folder, "qmp");
  const qemu = spawn(QEMU, [...MACHINE, "-qmp", `unix:${path},server=on,wait=off`], {
    stdio: "inherit",
  });
  try {
    while (!existsSync(path)) await sleep(20);
    await sleep(100);
    const socket = connect(path);
    let received = Buffer.alloc(0);
    let last = performance.now();
    const state = { closed: false };
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      last = performance.now();
    });
    socket.on("close", () => (state.closed = true));
    socket.on("error", () => (state.closed = true));
    const quiet = async (): Promise<string[]> => {
      last = performance.now();
      while (performance.now() - last < 120 && !state.closed) await sleep(10);
      const lines = received.toString("latin1").split("\r\n");
      received = Buffer.alloc(0);
      if (lines.pop() !== "") throw new Error("QEMU sent half a line");
      return lines;
    };
    const steps: RecordedStep[] = [{ send: "", receive: await quiet() }];
    const all = script.raw ? script.steps : ['{"execute":"qmp_capabilities"}', ...script.steps];
    for (const step of all) {
      const { send, times } = typeof step === "string" ? { send: step, times: 1 } : step;
      await write(socket, Buffer.from(send, "latin1"), times);
      steps.push({ send, ...(times > 1 && { times }), receive: await quiet() });
    }
    const result = { name: script.name, ...(script.raw && { raw: true as const }), steps, closed: state.closed };
    socket.destroy();
    return result;
  } finally {
    qemu.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

/** QEMU reads a byte at a time, so the end of a long write is waited for by its kernel buffer draining. */
async function write(socket: Socket, bytes: Buffer, times: number): Promise<void> {
  const chunk = Buffer.concat(Array.from({ length: Math.min(times, 65536) }, () => bytes));
  for (let left = times; left > 0; left -= 65536) {
    const part = left >= 65536 ? chunk : chunk.subarray(0, left * bytes.length);
    if (!socket.write(part)) await new Promise<void>((resolve) => socket.once("drain", () => resolve()));
  }
  if (times > 10000) await sleep(3000);
}

const names = process.argv.slice(2);
const chosen = [...SCRIPTS, ...SLOW_SCRIPTS].filter(({ name }) => names.length === 0 || names.includes(name));
const version = spawnSync(QEMU, ["--version"], { encoding: "utf8" }).stdout.split("\n")[0];
const before: { name: string }[] =
  names.length > 0 && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).scripts : [];
const after = new Map(before.map((script) => [script.name, script]));
for (const script of chosen) {
  after.set(script.name, await record(script));
  console.log(script.name);
  save();
}

function save(): void {
  const scripts = [...SCRIPTS, ...SLOW_SCRIPTS].flatMap(({ name }) => after.get(name) ?? []);
  writeFileSync(file, `${JSON.stringify({ about: version, machine: MACHINE.join(" "), scripts }, null, 1)}\n`);
}
