import { openInspector } from "@memhp/inspect/browser";
import { inspectorPage } from "@memhp/inspect";
import { expect, test } from "vitest";
import { bridge, startLamp } from "./bridge.ts";

/** As much of a page as the official inspector needs. */
function fakePage() {
  const posted: { type: string; sessionId?: string }[] = [];
  const listeners = new Set<(event: { data: unknown }) => void>();
  const opened: string[] = [];
  const page = {
    open: (url: string) => {
      opened.push(url);
      return { postMessage: (data: { type: string }) => posted.push(data) };
    },
    addEventListener: (_type: string, listener: (event: { data: unknown }) => void) => listeners.add(listener),
    removeEventListener: (_type: string, listener: (event: { data: unknown }) => void) => listeners.delete(listener),
  };
  const say = (data: unknown): void => {
    for (const listener of listeners) listener({ data });
  };
  return { window: page as unknown as Window, posted, opened, say };
}

test("the inspector's page is told the present state when it is ready, and everything from then on", () => {
  const { source, hub, settle } = bridge();
  const { window, posted, opened, say } = fakePage();
  const actor = startLamp(source, 1);
  for (let i = 0; i < 300; i++) actor.send({ type: "PRESS" });
  settle();
  const close = openInspector(hub, { window, url: "http://localhost/inspector" });
  expect(opened).toEqual(["http://localhost/inspector"]);
  expect(posted).toEqual([]);
  say("noise");
  say({ type: "@statelyai.connected" });
  expect(posted.map(({ type }) => type)).toEqual(["@xstate.actor", "@xstate.snapshot"]);
  actor.send({ type: "PRESS" });
  settle();
  expect(posted.map(({ type }) => type).slice(2)).toEqual(["@xstate.event", "@xstate.snapshot"]);
  close();
  expect(posted.at(-1)).toEqual({ type: "@statelyai.disconnected" });
  actor.send({ type: "PRESS" });
  settle();
  expect(posted).toHaveLength(5);
});

test("an inspector's page that is reloaded is told the present state again", () => {
  const { source, hub, settle } = bridge();
  const { window, posted, say } = fakePage();
  startLamp(source, 1);
  settle();
  openInspector(hub, { window });
  say({ type: "@statelyai.connected" });
  say({ type: "@statelyai.connected" });
  expect(posted.map(({ type }) => type)).toEqual([
    "@xstate.actor",
    "@xstate.snapshot",
    "@xstate.actor",
    "@xstate.snapshot",
  ]);
});

test("a page for a WebSocket names its socket and the inspector, and nothing in them is markup", () => {
  const page = inspectorPage({
    socketUrl: "ws://localhost:8080/?a=</script>",
    inspectorUrl: 'https://example.org/?a="b"&c',
  });
  expect(page).toContain('new WebSocket("ws://localhost:8080/?a=\\u003c/script>")');
  expect(page).toContain('src="https://example.org/?a=&quot;b&quot;&amp;c"');
  expect(inspectorPage({ socketUrl: "ws://localhost:1" })).toContain('src="https://stately.ai/inspect"');
});
