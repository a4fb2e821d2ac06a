import { writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { format } from "node:util";
import { createContext, Script } from "node:vm";
import { rolldown } from "rolldown";
import { browserGlobals } from "../browser-bundles.ts";

export interface ProgramBundle {
  readonly folder: string;
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A program that waits for what no browser has is said, not waited for. */
const LIMIT_MS = 60_000;
const SHARD_WORKER = `import "@memhp/machine/worker";\n`;

/** Bundles a program into one file, without any package beside it; for Node, the worker of shards as an entry of its own. */
export async function bundleProgram(file: string, platform: "node" | "browser"): Promise<ProgramBundle> {
  const name = basename(file, ".js");
  const folder = join(dirname(file), `${name}-${platform}`);
  const input: Record<string, string> = { [name]: file };
  const isOfWorkers = name.endsWith("-workers");
  if (isOfWorkers) {
    input["shard-worker"] = join(dirname(file), "shard-worker.js");
    writeFileSync(input["shard-worker"], SHARD_WORKER);
  }
  const missing: string[] = [];
  const bundle = await rolldown({
    input,
    cwd: dirname(file),
    platform,
    onLog: (_level, log) => {
      if (log.code === "UNRESOLVED_IMPORT") missing.push(log.message);
    },
  });
  // A program awaits at its top; for the realm below, a function around it does.
  await bundle.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name]-[hash].mjs",
    ...(isOfWorkers ? {} : { codeSplitting: false }),
  });
  await bundle.close();
  if (missing.length > 0) throw new Error(missing.join("\n"));
  return { folder, entry: join(folder, `${name}.mjs`), env: isOfWorkers ? { SHARD_WORKER: "./shard-worker.mjs" } : {} };
}

/** Runs a bundle where nothing of Node exists. @returns what it printed. */
export async function runInBrowserRealm(code: string): Promise<string> {
  let printed = "";
  const globals: Record<string, unknown> = Object.fromEntries(
    browserGlobals.map((name) => [name, (globalThis as Record<string, unknown>)[name]]),
  );
  const log = (...values: unknown[]): void => void (printed += `${format(...values)}\n`);
  Object.assign(globals, {
    console: { log, error: log, warn: log },
    addEventListener() {},
    removeEventListener() {},
    postMessage() {},
  });
  const context = createContext(globals);
  Object.assign(globals, { self: context });
  const body = code.replace(/^export \{[^}]*\};?$/m, "");
  const ended = new Script(`(async () => {${body}\n})()`, { filename: "bundle.js" }).runInContext(
    context,
  ) as Promise<void>;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`has not ended after ${LIMIT_MS / 1000} s\n${printed}`)), LIMIT_MS);
  });
  try {
    await Promise.race([ended, late]);
  } finally {
    clearTimeout(timer);
  }
  return printed;
}
