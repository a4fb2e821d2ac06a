import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingHttpHeaders, RequestListener } from "node:http";
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
  vary: "accept-encoding",
};

/** A file whose name has a hash of what is in it never changes; any other is asked for anew. */
const isForever = (path: string): boolean => /^[/\\]assets[/\\].+-[\w-]{8}\.\w+$/.test(path);

/** Encodings that a build may have laid beside its files, the smallest first. */
const encodings = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

/**
 * Answers GET and HEAD with the files of a folder; nothing outside it. Files that were compressed when they were built go out so.
 * @param policy what the pages may load, and from where.
 */
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
      const found =
        file === undefined || !`${file}${sep}`.startsWith(`${root}${sep}`)
          ? undefined
          : await contents(file, request.headers);
      if (found === undefined || path === undefined) {
        response.writeHead(404, { "content-type": "text/plain", ...headers }).end("no such page\n");
        return;
      }
      const etag = `"${createHash("sha256").update(found.body).digest("base64url").slice(0, 22)}"`;
      const cache = {
        etag,
        "cache-control": isForever(path) ? "public, max-age=31536000, immutable" : "no-cache",
      };
      if (request.headers["if-none-match"]?.split(/,\s*/).includes(etag) === true) {
        response.writeHead(304, { ...headers, ...cache }).end();
        return;
      }
      response.writeHead(200, {
        "content-type": types[extname(file ?? "")] ?? "application/octet-stream",
        "content-length": found.body.length,
        ...(found.encoding === undefined ? {} : { "content-encoding": found.encoding }),
        ...headers,
        ...cache,
      });
      response.end(request.method === "HEAD" ? undefined : found.body);
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

interface Contents {
  readonly body: Buffer;
  readonly encoding: string | undefined;
}

async function contents(file: string, asked: IncomingHttpHeaders): Promise<Contents | undefined> {
  const accepted = acceptedEncodings(asked["accept-encoding"]);
  for (const [encoding, ending] of encodings) {
    const body = accepted.has(encoding) ? await read(`${file}${ending}`) : undefined;
    if (body !== undefined) return { body, encoding };
  }
  const body = await read(file);
  return body === undefined ? undefined : { body, encoding: undefined };
}

/** `gzip, br;q=0` accepts gzip alone. */
function acceptedEncodings(header: string | string[] | undefined): ReadonlySet<string> {
  const offers = String(header ?? "").split(",");
  return new Set(
    offers.flatMap((offer) => {
      const [name = "", ...parameters] = offer.split(";").map((part) => part.trim().toLowerCase());
      return parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter)) ? [] : [name];
    }),
  );
}

async function read(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch {
    return undefined;
  }
}
