import { spawnSync } from "node:child_process";

/** Runs a program and hands back what it printed. @throws Error with both of its outputs, if it fails. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    env: { ...process.env, NO_COLOR: "1", ...env },
  });
  if (status !== 0)
    throw new Error(`${command} ${args.join(" ")} in ${cwd}: ${error?.message ?? ""}${stdout}${stderr}`);
  return stdout;
}
