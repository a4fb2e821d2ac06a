import { spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Spent {
  readonly seconds: number;
  /** Resident memory at its highest. */
  readonly mostMiB: number;
  /** What it printed, where that was asked for. */
  readonly stdout: string;
}

const preload = fileURLToPath(import.meta.resolve("./report-memory.ts"));

/** As a program of the workspace runs from its sources; a small young generation, as the workspace's `memhp` script asks for. */
export const fromSources: readonly string[] = ["--max-semi-space-size=8", "--conditions=@memhp/source"];

/**
 * Runs a program of the workspace, with standard output to a file.
 * @param node what Node is told besides.
 * @throws Error where it fails.
 */
export async function measuredProcess(
  program: string,
  args: readonly string[],
  node: readonly string[] = fromSources,
): Promise<Spent> {
  const folder = mkdtempSync(join(tmpdir(), "memhp-bench-"));
  try {
    const memory = join(folder, "memory");
    const stdout = join(folder, "stdout");
    const begin = performance.now();
    const child = spawn(process.execPath, [...node, "--import", preload, program, ...args], {
      stdio: ["ignore", openSync(stdout, "w"), "inherit"],
      env: { ...process.env, MEMHP_BENCH_MEMORY: memory },
    });
    const code = await new Promise<number | null>((resolve) => child.on("exit", resolve));
    const seconds = (performance.now() - begin) / 1000;
    if (code !== 0) throw new Error(`${program} ended with ${String(code)}`);
    return {
      seconds,
      mostMiB: Number(readFileSync(memory, "utf8")) / 1024,
      stdout: readFileSync(stdout, "utf8").slice(0, 65_536),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Has processes that are started from sources find them compiled, as published packages nearly are: else each begins by taking the types out of
 * some hundred files.
 */
export function keepCompiled(): void {
  process.env["NODE_COMPILE_CACHE"] ??= inWorkspace("node_modules/.cache/compiled");
}

/** A file of the workspace. */
export function inWorkspace(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}
