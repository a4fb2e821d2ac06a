import { spawn } from "node:child_process";

const packagesForAll = new URL("resolve-above.ts", import.meta.url).href;

/** Below vitest's own limit, so that an example that hangs is named. */
const LIMIT_MS = 25_000;

/**
 * Runs TypeScript in a Node of its own, from standard input, so that imports are resolved as in `cwd`. A kernel and
 * a platform to try an example with may come from packages that stand above most rooms.
 * @returns what it wrote to stdout.
 * @throws Error with its stderr if it fails.
 */
export async function runTypeScript(code: string, cwd: string): Promise<string> {
  const child = spawn(
    process.execPath,
    ["--conditions=@memhp/source", `--import=${packagesForAll}`, "--input-type=module-typescript", "-"],
    {
      cwd,
      // A debugger or coverage meant for the tests is not for their children.
      env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1", FORCE_COLOR: undefined },
      timeout: LIMIT_MS,
    },
  );
  let printed = "";
  let complaints = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  // A program that ends without reading all of its input is no error of ours.
  child.stdin.on("error", () => undefined).end(code);
  const ending = await new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.on("error", reject).on("close", (exitCode, signal) => resolve(exitCode ?? signal ?? "SIGKILL"));
  });
  if (ending !== 0) throw new Error(`ended with ${ending}\n${complaints}`);
  return printed;
}
