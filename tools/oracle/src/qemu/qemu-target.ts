import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { MachineSpec } from "@memhp/machine";
import { connectMonitor } from "../qmp-client.ts";
import type { Target } from "../target.ts";
import { AgentChannel } from "./agent-channel.ts";
import { agentGuest } from "./agent-guest.ts";
import { qemuArguments } from "./arguments.ts";
import { buildInitramfs, type GuestModule, type GuestProgram } from "./initramfs.ts";

export interface QemuOptions {
  readonly machine: MachineSpec;
  /** QEMU arguments that a trace's `machine.extra` gives. */
  readonly extra?: readonly string[];
  /** A bzImage with its ttyS1 built in, as Debian's have. */
  readonly kernel: string;
  /** agent/agent.c, linked statically. */
  readonly agent: string;
  /** Modules that steps may load. */
  readonly modules?: readonly GuestModule[];
  /** busybox and agent/load.c, for the steps that need a shell or a load. */
  readonly programs?: readonly GuestProgram[];
  readonly qemu?: string;
  readonly bootMs?: number;
}

/** QEMU did not start, or the guest did not come up; with the end of what they said. */
export class QemuError extends Error {
  override readonly name = "QemuError";
}

/** The recording module: loaded before the first step where it is given. */
const RECORDING_MODULE = "memlog";

/** Boots a kernel in QEMU. @throws QemuError */
export async function startQemu(options: QemuOptions): Promise<Target> {
  const { modules = [], programs = [], bootMs = 120_000, qemu = "qemu-system-x86_64" } = options;
  const folder = mkdtempSync(join(tmpdir(), `memhp-oracle-${process.pid}-`));
  const files = {
    kernel: options.kernel,
    initramfs: join(folder, "initramfs.cpio"),
    qmpSocket: join(folder, "qmp.sock"),
    agentSocket: join(folder, "agent.sock"),
    consoleLog: join(folder, "console.log"),
  };
  writeFileSync(files.initramfs, buildInitramfs(readFileSync(options.agent), modules, programs));
  const child = spawn(qemu, qemuArguments(options.machine, files, options.extra), {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said = collect(child);
  try {
    await once(child, "spawn");
    await waitForSockets(child, [files.qmpSocket, files.agentSocket]);
    const channel = await AgentChannel.open(files.agentSocket, { bootMs, answerMs: 120_000 });
    const guest = agentGuest(channel);
    if (modules.some(({ name }) => name === RECORDING_MODULE)) {
      const errno = await guest.insmod(RECORDING_MODULE, "");
      if (errno !== 0) throw new Error(`insmod ${RECORDING_MODULE}: ${errno} (built for another kernel?)`);
    }
    // What the kernel told while it booted belongs to no step.
    await guest.takeReports(true);
    const monitor = await connectMonitor(files.qmpSocket);
    return {
      monitor,
      guest,
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
