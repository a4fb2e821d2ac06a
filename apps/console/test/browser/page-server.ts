import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

export const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

export interface PageServer {
  readonly url: string;
  /** The same page with the headers of `memhp serve`, after which threads may share memory. */
  readonly isolatedUrl: string;
  close(): void;
}

/** As strict as `memhp serve` may be: the page needs nothing from elsewhere, and no inline code. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; img-src 'self' data:; connect-src 'self'";

const isolation: Readonly<Record<string, string>> = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Serves a folder on loopback, below a path, as a server does that serves other things too. */
export async function servePage(folder: string): Promise<PageServer> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    const [, isIsolated, name] = /^\/(isolated\/)?console\/(.*)$/.exec(path) ?? [];
    const file = name === "" ? "index.html" : (name ?? path);
    try {
      const body = readFileSync(join(folder, file));
      response
        .writeHead(200, {
          "content-type": contentTypes[extname(file)] ?? "application/octet-stream",
          "content-security-policy": policy,
          ...(isIsolated === undefined ? {} : isolation),
        })
        .end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/console/`,
    isolatedUrl: `${origin}/isolated/console/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
