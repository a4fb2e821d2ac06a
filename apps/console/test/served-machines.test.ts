import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { listServed, servedImage, watchServed } from "../src/remote/served-machines.ts";

class Socket extends EventTarget {
  static readonly opened: Socket[] = [];
  readonly url: string;
  isClosed = false;

  constructor(url: URL, protocols: readonly string[]) {
    super();
    this.url = `${protocols.join(" ")} ${url.href}`;
    Socket.opened.push(this);
  }
  close(): void {
    this.isClosed = true;
  }
}

const answers = new Map<string, () => Response>();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("location", new URL("http://127.0.0.1:4173/#attach=m0"));
  vi.stubGlobal("fetch", async ({ pathname }: URL) => answers.get(pathname)?.() ?? new Response("no", { status: 404 }));
  vi.stubGlobal("WebSocket", Socket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  answers.clear();
  Socket.opened.length = 0;
});

const { signal } = new AbortController();

test("machines are those that the API lists; a server without one has none", async () => {
  expect(await listServed(signal)).toEqual([]);
  answers.set("/api/v1", () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } }));
  expect(await listServed(signal)).toEqual([]);
  const machines = [{ id: "m0", name: "shell", kernel: "6.12" }];
  answers.set("/api/v1", () => Response.json({ version: "0.0.0", machines }));
  expect(await listServed(signal)).toEqual(machines);
});

test("a machine's image is its bytes, or the server's reason why there is none now", async () => {
  answers.set("/api/v1/machines/m0/image", () => new Response(Uint8Array.of(31, 139)));
  expect([...(await servedImage("m0"))]).toEqual([31, 139]);
  answers.set("/api/v1/machines/m0/image", () => Response.json({ error: "an offline is under way" }, { status: 409 }));
  await expect(servedImage("m0")).rejects.toThrow("an offline is under way");
});

test("changes that come together are one, and none comes after the end", () => {
  let changes = 0;
  const end = watchServed("m0", () => changes++);
  const [socket] = Socket.opened;
  expect(socket?.url).toBe("memhp.v1 ws://127.0.0.1:4173/api/v1/machines/m0/events?blocks=runs");
  for (let i = 0; i < 5; i++) socket?.dispatchEvent(new Event("message"));
  expect(changes).toBe(0);
  vi.runAllTimers();
  expect(changes).toBe(1);
  socket?.dispatchEvent(new Event("message"));
  end();
  vi.runAllTimers();
  expect([changes, socket?.isClosed]).toEqual([1, true]);
});
