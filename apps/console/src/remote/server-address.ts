/** `#attach=m0&token=T`: what a command that serves prints behind its address. No browser sends it. */
function token(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get("token");
}

/** An address of the API of the server that the page came from. */
export function apiAddress(path: string): URL {
  return new URL(`/api/v1${path}`, location.href);
}

/** What a request says so that it is let in. */
export function apiHeaders(): Record<string, string> {
  const own = token();
  return own === null ? {} : { authorization: `Bearer ${own}` };
}

/** The same of a WebSocket, which sends no headers. */
export function apiProtocols(): string[] {
  const own = token();
  return own === null ? ["memhp.v1"] : ["memhp.v1", `memhp.token.${own}`];
}
