import { readFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { extname, join, normalize, sep } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".map": "application/json",
  ".woff2": "font/woff2",
};

const OWN_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The page needs nothing from elsewhere, and cross-origin isolation gives its workers precise clocks. */
const common: Readonly<Record<string, string>> = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
};

/** Answers GET and HEAD with the files of a folder; nothing outside it. @param policy what the pages may load, and from where. */
export function staticFiles(root: string, policy: string = OWN_POLICY): RequestListener {
  const headers = { "content-security-policy": policy, ...common };
  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD", ...headers }).end();
      return;
    }
    const path = pathOf(request.url ?? "/");
    const file = path === undefined ? undefined : join(root, path);
    const send = async (): Promise<void> => {
      const body =
        file === undefined || !`${file}${sep}`.startsWith(`${root}${sep}`) ? undefined : await contents(file);
      if (body === undefined) {
        response.writeHead(404, { "content-type": "text/plain", ...headers }).end("no such page\n");
        return;
      }
      response.writeHead(200, { "content-type": types[extname(file ?? "")] ?? "application/octet-stream", ...headers });
      response.end(request.method === "HEAD" ? undefined : body);
    };
    void send();
  };
}

function pathOf(url: string): string | undefined {
  try {
    const path = normalize(decodeURIComponent(url.split("?")[0] ?? "/"));
    return path.endsWith("/") ? `${path}index.html` : path;
  } catch {
    return undefined;
  }
}

async function contents(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch {
    return undefined;
  }
}
