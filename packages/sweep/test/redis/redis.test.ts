import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterEach, describe, expect, test } from "vitest";
import type { RunResult, Sweep } from "../../src/index.ts";
import { coordinateSweep, runSweep, serveSweeps } from "../../src/node/index.ts";
import { sweepOf } from "../sweep-file.ts";
import { freePort, hasOpenssl, hasRedis, RedisServer } from "./redis-server.ts";

const servers: RedisServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.end();
});

async function redis(...options: readonly string[]): Promise<RedisServer> {
  const server = new RedisServer(options);
  servers.push(server);
  await server.start();
  return server;
}

const sweep = sweepOf({ seeds: { count: 8 } });

async function local(swept: Sweep): Promise<RunResult[]> {
  const results: RunResult[] = [];
  await runSweep(swept, { workers: 0, onResult: (result) => results.push(result) });
  return results;
}

/** A worker in this process. @returns what ends it. */
function join(url: string, version = "1"): () => Promise<void> {
  const leave = new AbortController();
  const served = serveSweeps({ url, version, workers: 1, signal: leave.signal });
  served.catch(() => {});
  return async () => {
    leave.abort();
    await served;
  };
}

describe.skipIf(!hasRedis)("with a Redis", () => {
  test(
    "a worker is killed, the coordinator goes and comes again, Redis is restarted: each run counts once, and is what it is here",
    { timeout: 120_000 },
    async () => {
      const server = await redis();
      const url = server.socket;
      const program = fileURLToPath(new URL("worker-program.ts", import.meta.url));
      const victim = spawn(process.execPath, ["--conditions=@memhp/source", program, url], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const results: RunResult[] = [];
      const onResult = (result: RunResult): void => void results.push(result);
      const dies = new AbortController();
      const first = coordinateSweep(sweep, { url, version: "1", onResult, isKept: true, signal: dies.signal });
      await once(victim.stdout, "data");
      // It has joined, and so has something in hand soon.
      await once(victim.stdout, "data");
      victim.kill("SIGKILL");
      await sleep(100);
      dies.abort();
      await first;
      const done = [...results];
      expect(done.length).toBeLessThan(sweep.runs);
      await server.stop();
      await server.start();
      const leave = join(url);
      await coordinateSweep(sweep, { url, version: "1", done, onResult, isKept: true });
      await leave();
      expect(results.map((result) => JSON.stringify(result))).toEqual(
        (await local(sweep)).map((result) => JSON.stringify(result)),
      );
    },
  );

  test("a rule ends a sweep at the same run as here, and leaves no work behind", async () => {
    const { socket: url } = await redis();
    const stopping = sweepOf({ seeds: { count: 8 }, stop: { when: { measure: "refusals", at_least: 1, runs: 3 } } });
    const results: RunResult[] = [];
    const leave = join(url);
    await coordinateSweep(stopping, { url, version: "1", onResult: (result) => void results.push(result) });
    await leave();
    expect(results.length).toBeLessThan(stopping.runs);
    expect(results).toEqual(await local(stopping));
    const client = new Redis(url);
    expect((await client.keys("bull:memhp-sweep:*")).filter((key) => /-\d+$/.test(key))).toEqual([]);
    client.disconnect();
  });

  test("workers and sweeps of another version are refused", async () => {
    const { socket: url } = await redis();
    const small = sweepOf({ seeds: [1], parameters: { size: ["128M"] } });
    const stop = new AbortController();
    const coordinated = coordinateSweep(small, { url, version: "1", onResult: () => {}, signal: stop.signal });
    await sleep(500);
    const other = /this is memhp 2, and sweeps of memhp 1 are under way there/;
    await expect(serveSweeps({ url, version: "2", workers: 1 })).rejects.toThrow(other);
    await expect(coordinateSweep(small, { url, version: "2", onResult: () => {} })).rejects.toThrow(other);
    stop.abort();
    await coordinated;
  });

  test("a worker that waits hears of a sweep of another version and leaves", async () => {
    const { socket: url } = await redis();
    const served = serveSweeps({ url, version: "2", workers: 1 });
    const stop = new AbortController();
    await sleep(300);
    const coordinated = coordinateSweep(sweep, { url, version: "1", onResult: () => {}, signal: stop.signal });
    await expect(served).rejects.toThrow(/this is memhp 2/);
    stop.abort();
    await coordinated;
  });

  test("a password is needed, and not told", async () => {
    const port = await freePort();
    await redis("--port", String(port), "--requirepass", "s3cret");
    const small = sweepOf({ seeds: [1], parameters: { size: ["128M"] } });
    const over = async (url: string): Promise<number> => {
      let runs = 0;
      const leave = join(url);
      await coordinateSweep(small, { url, version: "1", onResult: () => void runs++ });
      await leave();
      return runs;
    };
    expect(await over(`redis://:s3cret@127.0.0.1:${port}`)).toBe(1);
    const refused = coordinateSweep(small, {
      url: `redis://:wr0ng@127.0.0.1:${port}`,
      version: "1",
      onResult: () => {},
    });
    await expect(refused).rejects.toThrow(/^Redis at redis:\/\/\*\*\*@127\.0\.0\.1:\d+: WRONGPASS/);
  });

  test.skipIf(!hasOpenssl)("TLS, with a certificate of one's own", { timeout: 60_000 }, async () => {
    const certificate = new RedisServer();
    servers.push(certificate);
    const [key, cert] = ["key.pem", "cert.pem"].map((name) => `${certificate.folder}/${name}`) as [string, string];
    const words = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost`;
    const made = spawnSync("openssl", [...words.split(" "), "-keyout", key, "-out", cert]);
    expect(made.status).toBe(0);
    const port = await freePort();
    const tls = ["--tls-port", String(port), "--tls-cert-file", cert, "--tls-key-file", key];
    await redis(...tls, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no", "--requirepass", "s3cret");
    const url = `rediss://:s3cret@localhost:${port}`;
    const untrusted = coordinateSweep(sweep, { url, version: "1", onResult: () => {} });
    await expect(untrusted).rejects.toThrow(/self-signed certificate/);
    // Node reads the variable when it starts.
    const program = fileURLToPath(new URL("worker-program.ts", import.meta.url));
    const worker = spawn(process.execPath, ["--conditions=@memhp/source", program, url], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: cert },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = (await once(worker.stdout, "data")) as [Buffer];
    expect(said.toString()).toBe("joined\n");
    worker.kill("SIGKILL");
  });
});

test("what is no address of Redis, and one where nobody is, is told", async () => {
  const coordinated = (url: string): Promise<void> => coordinateSweep(sweep, { url, version: "1", onResult: () => {} });
  await expect(coordinated("http://x")).rejects.toThrow(/"http:\/\/x" is no address of Redis \(redis:\/\//);
  await expect(coordinated(`redis://127.0.0.1:${await freePort()}`)).rejects.toThrow(
    /^Redis at .*: connect ECONNREFUSED/,
  );
});
