import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request, Server } from "node:http";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { isLocalHost, type LoopbackServer, serveLoopback } from "../src/serve/loopback.ts";
import { staticFiles } from "../src/serve/static-files.ts";
import { temporaryFolder } from "./temporary-folder.ts";

let server: LoopbackServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serveFolder(): Promise<LoopbackServer> {
  const folder = join(temporaryFolder(), "page");
  mkdirSync(folder);
  writeFileSync(join(folder, "index.html"), "<!doctype html>page");
  writeFileSync(join(folder, "app.js"), "export {};");
  writeFileSync(join(folder, "..", "outside.txt"), "secret");
  server = await serveLoopback(0, staticFiles(folder));
  return server;
}

/** A request with a Host header of the caller's choice, and a path that no client tidies up. */
function ask(
  to: LoopbackServer,
  path: string,
  host = `127.0.0.1:${to.port}`,
  method = "GET",
): Promise<{ status: number; body: string; type: string | undefined; csp: unknown }> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port: to.port, path, method, headers: { host } }, (response) => {
      let body = "";
      response.on("data", (piece: Buffer) => (body += piece.toString()));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          body,
          type: response.headers["content-type"],
          csp: response.headers["content-security-policy"],
        }),
      );
    });
    call.on("error", reject);
    call.end();
  });
}

test("the page is served with its type and a policy that lets it load nothing from elsewhere", async () => {
  const to = await serveFolder();
  const page = await ask(to, "/");
  expect(page).toMatchObject({ status: 200, body: "<!doctype html>page", type: "text/html; charset=utf-8" });
  expect(page.csp).toContain("default-src 'none'");
  expect(await ask(to, "/app.js?v=1")).toMatchObject({ status: 200, type: "text/javascript; charset=utf-8" });
});

test("compressed files go out as the client accepts them, hashed ones for ever, and unchanged ones not again", async () => {
  const to = await serveFolder();
  const folder = temporaryFolder();
  const packed = await serveLoopback(0, staticFiles(folder));
  try {
    mkdirSync(join(folder, "assets"));
    for (const [ending, text] of [
      ["", "plain"],
      [".br", "as brotli"],
      [".gz", "as gzip"],
    ] as const)
      writeFileSync(join(folder, "assets", `index-CZinYQ98.js${ending}`), text);
    const get = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${packed.url}assets/index-CZinYQ98.js`, { headers });
    const lengthOf = async (accepted: string): Promise<[string | null, string | null]> => {
      const { headers } = await head(packed, "/assets/index-CZinYQ98.js", accepted);
      return [headers["content-encoding"] ?? null, headers["content-length"] ?? null];
    };
    expect(await lengthOf("gzip, deflate, br")).toEqual(["br", "9"]);
    expect(await lengthOf("gzip;q=0.8, br;q=0")).toEqual(["gzip", "7"]);
    const plain = await get({ "accept-encoding": "identity" });
    expect(await plain.text()).toBe("plain");
    expect(plain.headers.get("cache-control")).toContain("immutable");
    expect(plain.headers.get("vary")).toBe("accept-encoding");
    const again = await get({ "accept-encoding": "identity", "if-none-match": plain.headers.get("etag") ?? "" });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect((await fetch(to.url)).headers.get("cache-control")).toBe("no-cache");
  } finally {
    await packed.close();
  }
});

/** A HEAD request, which no client decompresses. */
function head(to: LoopbackServer, path: string, accepted: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { "accept-encoding": accepted };
    request({ host: "127.0.0.1", port: to.port, path, method: "HEAD", headers }, resolve).on("error", reject).end();
  });
}

test("a request under another name is refused, whatever its path (DNS rebinding)", async () => {
  const to = await serveFolder();
  for (const host of ["evil.example", `evil.example:${to.port}`, "127.0.0.1", `127.0.0.1:${to.port + 1}`]) {
    expect(await ask(to, "/", host)).toMatchObject({ status: 421 });
  }
  expect(await ask(to, "/", `localhost:${to.port}`)).toMatchObject({ status: 200 });
  expect(isLocalHost(undefined, to.port)).toBe(false);
});

test("nothing outside the folder is served", async () => {
  const to = await serveFolder();
  for (const path of ["/../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt", "/%", "/no-such-file"]) {
    expect(await ask(to, path)).toMatchObject({ status: 404 });
  }
});

/** Sends bytes as they are; gives all that comes back until the server ends the connection. */
function raw(to: LoopbackServer, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(to.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.on("data", (piece: Buffer) => (answer += piece.toString()));
    socket.on("end", () => socket.end());
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

test("a request has one Host, and an absolute address counts instead of it (RFC 9112)", async () => {
  const to = await serveFolder();
  const own = `127.0.0.1:${to.port}`;
  const end = "Connection: close\r\n\r\n";
  expect(await raw(to, `GET / HTTP/1.1\r\nHost: ${own}\r\nHost: ${own}\r\n${end}`)).toMatch(/^HTTP\/1.1 400 /);
  expect(await raw(to, `GET / HTTP/1.1\r\n${end}`)).toMatch(/^HTTP\/1.1 400 /);
  expect(await raw(to, `GET http://${own}/ HTTP/1.1\r\nHost: ${own}\r\n${end}`)).toMatch(/^HTTP\/1.1 200 [^]*page/);
  expect(await raw(to, `GET http://${own}/?x HTTP/1.1\r\nHost: ${own}\r\n${end}`)).toMatch(/^HTTP\/1.1 200 /);
  expect(await raw(to, `GET http://evil.example/ HTTP/1.1\r\nHost: ${own}\r\n${end}`)).toMatch(/^HTTP\/1.1 421 /);
});

test("whatever the answer, no browser guesses its type", async () => {
  const to = await serveFolder();
  const own = `127.0.0.1:${to.port}`;
  for (const [method, path, host, status] of [
    ["GET", "/", own, 200],
    ["GET", "/none", own, 404],
    ["POST", "/", own, 405],
    ["GET", "/", "evil.example", 421],
  ] as const) {
    const answer = await raw(to, `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*x-content-type-options: nosniff`, "i"));
  }
});

test("a connection that never says what it wants is ended, with or without half a request", async () => {
  server = await serveLoopback(0, () => {}, { headMs: 40 });
  const answers = await Promise.all(
    ["", "GET / HTTP/1.1\r\nHost: 127"].map((text) => raw(server as LoopbackServer, text)),
  );
  for (const answer of answers) expect(answer).toMatch(/^(HTTP\/1.1 408 |$)/);
});

test("more connections than there may be are turned away and counted; those that there are go on", async () => {
  server = await serveLoopback(0, (_request, response) => response.end("page"), { maxConnections: 8 });
  const { port, tally } = server;
  const sockets = await Promise.all(
    Array.from(
      { length: 100 },
      () =>
        new Promise<Socket>((resolve) => {
          const socket = connect(port, "127.0.0.1", () => resolve(socket));
          socket.on("error", () => {});
        }),
    ),
  );
  await expect.poll(() => tally.counts.connections).toBe(92);
  const [first] = sockets;
  if (first === undefined) throw new Error("no connection");
  first.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
  const [answer] = await once(first, "data");
  expect(String(answer)).toMatch(/^HTTP\/1.1 200 /);
  for (const socket of sockets) socket.destroy();
});

test("who asks and takes nothing of the answer is dropped and counted; an answer that takes long is waited for", async () => {
  server = await serveLoopback(
    0,
    ({ url }, response) => {
      if (url === "/long") setTimeout(() => response.end("at last"), 400);
      else response.end(Buffer.alloc(64 * 2 ** 20));
    },
    { stallMs: 100 },
  );
  const { port, tally } = server;
  const asking = (path: string): Socket => {
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`),
    );
    return socket;
  };
  const slow = asking("/");
  slow.pause();
  slow.on("error", () => {});
  const [answer] = await once(asking("/long"), "data");
  expect(String(answer)).toContain("at last");
  await expect.poll(() => tally.counts.stalled).toBe(1);
  slow.destroy();
});

test("the page runs under the policy that its README names", async () => {
  const readme = readFileSync(new URL("README.md", import.meta.resolve("@memhp/console/package.json")), "utf8");
  const named = /default-src 'none'.*/.exec(readme)?.[0];
  expect((await ask(await serveFolder(), "/")).csp).toBe(named);
});

test("a port for the administrator only is told with what is allowed", async () => {
  const denied = Object.assign(new Error("listen EACCES"), { code: "EACCES" });
  const listen = vi.spyOn(Server.prototype, "listen").mockImplementation(function (this: Server) {
    queueMicrotask(() => this.emit("error", denied));
    return this;
  });
  await expect(serveLoopback(80, () => {})).rejects.toThrow(
    "--port: 80 is for the administrator (allowed: 1024 and above",
  );
  listen.mockRestore();
});

test("only reading is allowed", async () => {
  const to = await serveFolder();
  expect(await ask(to, "/", undefined, "POST")).toMatchObject({ status: 405 });
  expect(await ask(to, "/", undefined, "HEAD")).toMatchObject({ status: 200, body: "" });
});

test("a port that is taken is said in one line", async () => {
  const to = await serveFolder();
  await expect(serveLoopback(to.port, () => {})).rejects.toThrow(`--port: ${to.port} is taken`);
});
