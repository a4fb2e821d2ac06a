import { type ChildProcess, spawn } from "node:child_process";

/**
 * The main thread waits for a FUSE file system, again and again when looked at: its own, which it can never answer. The end of the
 * mount wakes it with ECONNABORTED; without it not even SIGKILL would.
 */
const GUARD = `( n=0
while sleep 1; do
  waits=$(cat /proc/$1/wchan 2>/dev/null) || exit
  case $waits in request_wait_answer|fuse_*) n=$((n + 1)) ;; *) n=0 ;; esac
  [ $n -ge $2 ] && exec umount -f -l "$0"
done ) 2>/dev/null & guard=$!`;
const SCRIPT = `${GUARD}
head -c1 >/dev/null
kill $guard 2>/dev/null
exec umount -f -l "$0" 2>/dev/null`;

/**
 * Unmounts when this process is gone, however it went: a process of its own waits for the end of a pipe. An orderly exit sends it
 * a byte, because Node's exit waits for a thread that reads /dev/fuse, and that read ends only with the mount.
 */
export class Watchdog {
  readonly #child: ChildProcess;
  readonly #wake = (): void => {
    this.#child.stdin?.write("x");
  };

  /** @param stuckSeconds how long the main thread may wait for a FUSE file system without an answer. */
  constructor(directory: string, stuckSeconds: number) {
    const args = ["-c", SCRIPT, directory, String(process.pid), String(stuckSeconds)];
    this.#child = spawn("sh", args, { stdio: ["pipe", "ignore", "ignore"], detached: true });
    // It ends while the pipe is being written to where somebody else has unmounted.
    this.#child.stdin?.on("error", () => {});
    this.#child.on("error", () => {});
    this.#child.unref();
    (this.#child.stdin as { unref?: () => void } | null)?.unref?.();
    process.once("exit", this.#wake);
  }

  /** The pipe that it waits at. */
  get pipe(): unknown {
    return this.#child.stdin;
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
