import { mkdtempSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { isLocalHost, type LoopbackServer, serveLoopback } from "../src/serve/loopback.ts";
import { staticFiles } from "../src/serve/static-files.ts";

let server: LoopbackServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serveFolder(): Promise<LoopbackServer> {
  const folder = mkdtempSync(join(tmpdir(), "memhp-serve-"));
  writeFileSync(join(folder, "index.html"), "<!doctype html>page");
  writeFileSync(join(folder, "app.js"), "export {};");
  writeFileSync(join(folder, "..", "memhp-outside.txt"), "secret");
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
  for (const path of [
    "/../memhp-outside.txt",
    "/%2e%2e/memhp-outside.txt",
    "/..%2fmemhp-outside.txt",
    "/%",
    "/no-such-file",
  ]) {
    expect(await ask(to, path)).toMatchObject({ status: 404 });
  }
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
