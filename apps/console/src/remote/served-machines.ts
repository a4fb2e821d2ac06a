import { apiAddress, apiHeaders, apiProtocols } from "./server-address.ts";

/** A machine of the server's API, as /api/v1 lists it. */
export interface Served {
  readonly id: string;
  readonly name: string;
  readonly kernel: string;
}

/** Changes that come together are looked at together. */
const SETTLE_MS = 400;

/** The server's machines; none where the page comes from somewhere else. */
export async function listServed(signal: AbortSignal): Promise<readonly Served[]> {
  try {
    const response = await fetch(apiAddress(""), { signal, headers: apiHeaders() });
    const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
    if (!response.ok || !isJson) return [];
    return ((await response.json()) as { readonly machines?: readonly Served[] }).machines ?? [];
  } catch {
    return [];
  }
}

/** The machine as it is now. @throws Error with the server's words, such as that something is under way in it */
export async function servedImage(id: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(apiAddress(`/machines/${id}/image`), { headers: apiHeaders() });
  if (!response.ok) throw new Error(((await response.json()) as { readonly error: string }).error);
  return new Uint8Array(await response.arrayBuffer());
}

/** Calls back now, and whenever the machine has changed and is at rest again. @returns what ends it. */
export function watchServed(id: string, changed: () => void): () => void {
  const socket = new WebSocket(eventsAddress(id), apiProtocols());
  let timer: ReturnType<typeof setTimeout> | undefined;
  socket.addEventListener("message", () => {
    clearTimeout(timer);
    timer = setTimeout(changed, SETTLE_MS);
  });
  return () => {
    clearTimeout(timer);
    socket.close();
  };
}

/** Where a machine's events are told, and lines can be typed. */
export function eventsAddress(id: string): URL {
  const url = apiAddress(`/machines/${id}/events`);
  // Only that it has changed counts here.
  url.searchParams.set("blocks", "runs");
  url.protocol = url.protocol.replace("http", "ws");
  return url;
}
