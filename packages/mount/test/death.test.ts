import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { mountAvailable } from "../src/node/index.ts";
import { inDirectory, ran, shell } from "./machine.ts";

const canMount = mountAvailable().ok;

interface Server {
  readonly child: ChildProcess;
  /** What it said first: `mounted`, or `cleaned`. */
  readonly said: string;
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

async function serve(directory: string): Promise<Server> {
  const script = fileURLToPath(new URL("serve-mount.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@memhp/source", script, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  const said = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding("utf8").once("data", (text: string) => resolve(text.trim()));
    child.once("close", () => reject(new Error("the server ended before it had mounted")));
  });
  return { child, said, ended };
}

const isMounted = (directory: string): boolean =>
  readFileSync("/proc/self/mountinfo", "utf8").includes(` ${directory} `);

async function untilUnmounted(directory: string): Promise<boolean> {
  for (let i = 0; i < 100 && isMounted(directory); i++) await sleep(50);
  return !isMounted(directory);
}

/** The watchdog of a mount: the process whose arguments name the directory, and which is not the server. */
async function watchdogOf(directory: string): Promise<number> {
  const { stdout } = await shell(`grep -lzZ -- ${directory} /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'`);
  const found = stdout
    .split("\n")
    .map((line) => Number(/\/proc\/(\d+)\//.exec(line)?.[1] ?? 0))
    .find((pid) => pid > 0 && readCommand(pid).startsWith("sh\0-c\0( n=0"));
  return found ?? 0;
}

function readCommand(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

describe.runIf(canMount)("the end of a process that serves a mount", () => {
  test.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)("%s leaves no mount behind", (signal) =>
    inDirectory(async (directory) => {
      const { child, ended } = await serve(directory);
      child.kill(signal);
      expect(await ended).toBe(signal === "SIGINT" ? 130 : signal);
      expect(await untilUnmounted(directory)).toBe(true);
    }),
  );

  test("a process that waits for itself gets ECONNABORTED instead of an answer, and goes on", () =>
    inDirectory(async (directory) => {
      const script = fileURLToPath(new URL("wait-for-itself.ts", import.meta.url));
      const { stdout } = await ran(process.execPath, ["--conditions=@memhp/source", script, directory]);
      expect(stdout).toMatch(/^(ECONNABORTED|ENOTCONN)\n$/);
      expect(await untilUnmounted(directory)).toBe(true);
    }));

  test("where its watchdog died too, the next start takes the dead mount away and says so", () =>
    inDirectory(async (directory) => {
      const { child, ended } = await serve(directory);
      process.kill(-(await watchdogOf(directory)), "SIGKILL");
      child.kill("SIGKILL");
      await ended;
      expect(isMounted(directory)).toBe(true);
      expect((await shell(`ls ${directory}`)).stderr).toMatch(/Transport endpoint is not connected|connection abort/);
      const next = await serve(directory);
      expect(next.said).toBe("cleaned");
      expect((await shell(`cat ${directory}/sys/devices/system/memory/memory32/state`)).stdout).toBe("offline\n");
      next.child.kill("SIGINT");
      await next.ended;
      expect(await untilUnmounted(directory)).toBe(true);
    }));
});
