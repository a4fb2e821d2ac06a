import { type ChildProcess, spawn } from "node:child_process";

/**
 * Unmounts when this process is gone, however it went: a process of its own waits for the end of a pipe. An orderly exit sends it
 * a byte, because Node's exit waits for a thread that reads /dev/fuse, and that read ends only with the mount.
 */
export class Watchdog {
  readonly #child: ChildProcess;
  readonly #wake = (): void => {
    this.#child.stdin?.write("x");
  };

  constructor(directory: string) {
    const script = 'head -c1 >/dev/null; exec umount -f -l "$0" 2>/dev/null';
    this.#child = spawn("sh", ["-c", script, directory], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    // It ends while the pipe is being written to where somebody else has unmounted.
    this.#child.stdin?.on("error", () => {});
    this.#child.on("error", () => {});
    this.#child.unref();
    (this.#child.stdin as { unref?: () => void } | null)?.unref?.();
    process.once("exit", this.#wake);
  }

  /** The mount is gone already. */
  dismiss(): void {
    process.off("exit", this.#wake);
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
