import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const QEMU = process.env["QEMU"] ?? "qemu-system-x86_64";

/** The board of `FakeBoard`, stopped before its first instruction. */
export const MACHINE: readonly string[] = [
  ["-S", "-nodefaults", "-display", "none", "-machine", "q35", "-accel", "tcg", "-smp", "1"],
  ["-m", "2G,slots=4,maxmem=8G"],
  ["-object", "memory-backend-ram,id=ram0,size=1G", "-object", "memory-backend-ram,id=ram1,size=1G"],
  ["-numa", "node,nodeid=0,memdev=ram0,cpus=0", "-numa", "node,nodeid=1,memdev=ram1"],
].flat();

export function qemuVersion(): string {
  return spawnSync(QEMU, ["--version"], { encoding: "utf8" }).stdout.split("\n")[0] ?? "";
}

/** Runs `talk` with the monitor of a fresh QEMU; `bytes` collects what QEMU sends. */
export async function withQemu<T>(talk: (monitor: Monitor) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "real-qemu-"));
  const path = join(folder, "qmp");
  const qemu = spawn(QEMU, [...MACHINE, "-qmp", `unix:${path},server=on,wait=off`], { stdio: "inherit" });
  try {
    while (!existsSync(path)) await sleep(20);
    await sleep(100);
    return await talk(new Monitor(connect(path)));
  } finally {
    qemu.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

export class Monitor {
  readonly #socket: Socket;
  #received: Buffer[] = [];
  #lastAt = performance.now();
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (data) => {
      this.#received.push(data);
      this.#lastAt = performance.now();
    });
    const close = (): void => void (this.#closed = true);
    socket.on("close", close);
    socket.on("error", close);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** QEMU reads one byte at a time, so a long write is waited for. */
  async write(bytes: Buffer, times = 1): Promise<void> {
    const stretch = 65536;
    const chunk = Buffer.concat(Array.from({ length: Math.min(times, stretch) }, () => bytes));
    for (let left = times; left > 0 && !this.#closed; left -= stretch) {
      const part = left >= stretch ? chunk : chunk.subarray(0, left * bytes.length);
      if (!this.#socket.write(part)) await new Promise<void>((resolve) => this.#socket.once("drain", () => resolve()));
    }
    if (times > 10_000) await sleep(3000);
  }

  /** The lines that came, once nothing more has come for a while. */
  async quiet(ms: number): Promise<string[]> {
    this.#lastAt = performance.now();
    while (performance.now() - this.#lastAt < ms && !this.#closed) await sleep(10);
    const lines = Buffer.concat(this.#received).toString("latin1").split("\r\n");
    this.#received = [];
    if (lines.pop() !== "") throw new Error("QEMU sent half a line");
    return lines;
  }
}
