import { spawn } from "node:child_process";

export interface CommandAnswer {
  readonly status: number;
  readonly stderr: string;
}

/** Runs mount(8) and the like beside the thread that serves the mount, which must not wait for them. */
function runCommand(
  command: string,
  args: readonly string[],
  inherited: readonly number[] = [],
): Promise<CommandAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe", ...inherited] });
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (status) => resolve({ status: status ?? 1, stderr }));
  });
}

/** Mounts a connection; its first reader answers INIT. */
export function mountFuse(fd: number, directory: string): Promise<CommandAnswer> {
  const options = "fd=3,rootmode=040000,user_id=0,group_id=0,default_permissions,allow_other,nosuid,nodev,noexec";
  // -i: no helper program of libfuse comes between.
  return runCommand("mount", ["-i", "-t", FILE_SYSTEM, "-o", options, "memhp", directory], [fd]);
}

/** What /proc/self/mountinfo calls our mounts. */
export const FILE_SYSTEM = "fuse.memhp";

/** Ends the connection, whoever waits for an answer, and takes the directory back, whoever stands in it. */
export function unmountFuse(directory: string): Promise<CommandAnswer> {
  return runCommand("umount", ["-f", "-l", directory]);
}
