import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connectMonitor } from "../qmp-client.ts";
import type { Target } from "../target.ts";
import { AgentChannel } from "./agent-channel.ts";
import { agentGuest } from "./agent-guest.ts";
import { qemuArguments } from "./arguments.ts";
import type { Board } from "./board.ts";
import { buildInitramfs, type GuestModule, type GuestProgram } from "./initramfs.ts";

export interface QemuOptions {
  readonly board: Board;
  /** Of the board's architecture, with the drivers of its console and the agent's line built in, as Debian's have them. */
  readonly kernel: string;
  /** agent/agent.c, linked statically. */
  readonly agent: string;
  /** Modules that steps may load. */
  readonly modules?: readonly GuestModule[];
  /** busybox and agent/load.c, for the steps that need a shell or a load. */
  readonly programs?: readonly GuestProgram[];
  /** QEMU's program, where it is not the one of the architecture. */
  readonly qemu?: string;
  /** A file, where it is not the one of the architecture. */
  readonly firmware?: string;
  readonly bootMs?: number;
  /** The guest's state can be kept and gone back to: the monitor's savevm and loadvm. */
  readonly snapshots?: boolean;
}

/** QEMU did not start, or the guest did not come up; with the end of what they said. */
export class QemuError extends Error {
  override readonly name = "QemuError";
}

/** A translated guest of another architecture, with UEFI, takes minutes on a busy host. */
const BOOT_MS = 600_000;
/** The agent itself is never silent for longer than a write's patience (agent/agent.c). */
const ANSWER_MS = 240_000;
/** The recording module: loaded before the first step where it is given. */
const RECORDING_MODULE = "memlog";

/** Boots a kernel in QEMU. @throws QemuError */
export async function startQemu(options: QemuOptions): Promise<Target> {
  const { board, modules = [], programs = [], bootMs = BOOT_MS } = options;
  const { architecture } = board;
  const { qemu = architecture.program, firmware = architecture.firmware } = options;
  const folder = mkdtempSync(join(tmpdir(), `memhp-oracle-${process.pid}-`));
  const files = {
    kernel: options.kernel,
    initramfs: join(folder, "initramfs.cpio"),
    qmpSocket: join(folder, "qmp.sock"),
    agentSocket: join(folder, "agent.sock"),
    consoleLog: join(folder, "console.log"),
    firmware,
  };
  writeFileSync(files.initramfs, buildInitramfs(readFileSync(options.agent), modules, programs));
  const line = qemuArguments(board, files);
  if (options.snapshots === true) line.push(...snapshotDrive(join(folder, "state.qcow2")));
  const child = spawn(qemu, line, {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said = collect(child);
  try {
    await once(child, "spawn");
    await waitForSockets(child, [files.qmpSocket, files.agentSocket]);
    const channel = await AgentChannel.open(files.agentSocket, { bootMs, answerMs: ANSWER_MS });
    const guest = agentGuest(channel, architecture.quietMs);
    if (modules.some(({ name }) => name === RECORDING_MODULE)) {
      const errno = await guest.insmod(RECORDING_MODULE, "");
      if (errno !== 0) throw new Error(`insmod ${RECORDING_MODULE}: ${errno} (built for another kernel?)`);
    }
    // What the kernel told while it booted belongs to no step.
    const { kernel_log: bootLog } = await guest.takeReports(true);
    const monitor = await connectMonitor(files.qmpSocket);
    return {
      monitor,
      guest,
      hotplug: architecture.hotplug,
      bootLog,
      async close() {
        channel.close();
        await monitor.close();
        await end(child);
        rmSync(folder, { recursive: true });
      },
    };
  } catch (error) {
    await end(child);
    const log = existsSync(files.consoleLog) ? readFileSync(files.consoleLog, "latin1").slice(-2000) : "";
    rmSync(folder, { recursive: true });
    throw new QemuError(`${(error as Error).message}\n${said()}\n${log}`.trim(), { cause: error });
  }
}

/** A disk that nobody uses, for the guest's memory. */
function snapshotDrive(file: string): string[] {
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", file, "1G"]);
  return ["-drive", `if=none,id=state,file=${file},format=qcow2,cache=unsafe`];
}

function collect(child: ChildProcess): () => string {
  let said = "";
  child.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString()));
  child.on("error", (error) => (said += error.message));
  return () => said;
}

async function waitForSockets(child: ChildProcess, paths: readonly string[]): Promise<void> {
  for (let waited = 0; !paths.every((path) => existsSync(path)); waited += 20) {
    if (child.exitCode !== null) throw new Error("QEMU ended before it listened");
    if (waited > 20_000) throw new Error("QEMU does not listen");
    await pause(20);
  }
  // A socket file is there a moment before anybody listens.
  await pause(20);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
