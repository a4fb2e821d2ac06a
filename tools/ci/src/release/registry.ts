import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { run } from "./run.ts";

/** Pinned; one of its parts asks for a tag that not every mirror has. */
const VERDACCIO = "6.10.4";
const NODE_FETCH = "2.7.0";
const START_MS = 60_000;

export interface Registry {
  readonly url: string;
  readonly log: string;
  /** Publishes a tarball. */
  publish(tarball: string): void;
  stop(): void;
}

/** A registry on this computer: our packages are its own, every other comes from the registry behind it. */
export async function startRegistry(folder: string): Promise<Registry> {
  mkdirSync(folder, { recursive: true });
  const upstream = run("npm", ["config", "get", "registry"], folder).trim();
  write(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: { verdaccio: VERDACCIO } }));
  write(join(folder, "pnpm-workspace.yaml"), `pmOnFail: ignore\noverrides: { node-fetch: "${NODE_FETCH}" }\n`);
  run("pnpm", ["install", "--prefer-offline"], folder);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const own = "{ access: $all, publish: $all, unpublish: $all }";
  write(
    join(folder, "config.yaml"),
    `storage: ./storage
auth: { htpasswd: { file: ./htpasswd, max_users: 10 } }
uplinks: { behind: { url: "${upstream}", maxage: 60m } }
packages: { "@memhp/*": ${own}, memhp: ${own}, "**": { access: $all, proxy: behind } }
max_body_size: 100mb
log: { type: stdout, format: pretty, level: warn }
`,
  );
  // npm will not publish without somebody's name; anybody's will do.
  write(join(folder, "npmrc"), `registry=${url}\n//127.0.0.1:${port}/:_authToken=rehearsal\n`);
  const log = join(folder, "log");
  const out = openSync(log, "w");
  const child = spawn(
    process.execPath,
    [join(folder, "node_modules/verdaccio/bin/verdaccio"), "--config", "config.yaml", "--listen", `127.0.0.1:${port}`],
    {
      cwd: folder,
      stdio: ["ignore", out, out],
    },
  );
  await untilItAnswers(url, log);
  return {
    url,
    log,
    publish: (tarball) =>
      void run(
        "npm",
        ["publish", tarball, "--access", "public", "--userconfig", join(folder, "npmrc"), "--registry", url],
        folder,
      ),
    stop: () => void child.kill(),
  };
}

function write(file: string, text: string): void {
  writeFileSync(file, text);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function untilItAnswers(url: string, log: string): Promise<void> {
  const end = Date.now() + START_MS;
  while (Date.now() < end) {
    const answer = await fetch(`${url}-/ping`).catch(() => undefined);
    if (answer?.ok === true) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
  }
  throw new Error(`the registry does not answer: ${readFileSync(log, "utf8")}`);
}
