import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Debian's redis-server, where it is installed. */
export const hasRedis: boolean = spawnSync("redis-server", ["--version"]).status === 0;
export const hasOpenssl: boolean = spawnSync("openssl", ["version"]).status === 0;

/** A Redis of one's own, in a folder that goes with it; its data outlives a restart. */
export class RedisServer {
  readonly folder: string = mkdtempSync(join(tmpdir(), "memhp-redis-"));
  readonly socket: string = join(this.folder, "socket");
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;

  constructor(options: readonly string[] = []) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const own = ["--port", "0", "--unixsocket", this.socket, "--dir", this.folder, "--appendonly", "yes", "--save", ""];
    this.#process = spawn("redis-server", [...own, ...this.#options], { stdio: "ignore" });
    while (!existsSync(this.socket)) await sleep(20);
  }

  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => {
      running.once("exit", resolve);
    });
    running.kill("SIGTERM");
    await ended;
    rmSync(this.socket, { force: true });
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
