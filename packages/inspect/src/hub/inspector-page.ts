/** Where the page's messages come from, and which inspector it shows. */
export interface InspectorPageOptions {
  /** `ws://localhost:8080`: where a `textSink` sends. */
  readonly socketUrl: string;
  /** The inspector's own page: https://stately.ai/inspect unless told otherwise. */
  readonly inspectorUrl?: string;
}

/**
 * A page to serve beside a WebSocket: it shows the official inspector and hands it what comes over the socket.
 * It connects when the inspector is ready, so a socket that begins with the hub's picture misses nothing.
 */
export function inspectorPage({
  socketUrl,
  inspectorUrl = "https://stately.ai/inspect",
}: InspectorPageOptions): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>XState inspector</title>
<style>html, body, iframe { margin: 0; width: 100%; height: 100%; border: 0; display: block }</style>
<iframe id="inspector" title="XState inspector" src="${attribute(inspectorUrl)}"></iframe>
<script>
  const inspector = document.getElementById("inspector");
  let socket;
  addEventListener("message", ({ data, source }) => {
    if (source !== inspector.contentWindow || data?.type !== "@statelyai.connected") return;
    socket?.close();
    socket = new WebSocket(${script(socketUrl)});
    socket.onmessage = ({ data }) => inspector.contentWindow.postMessage(JSON.parse(data), "*");
  });
</script>
</html>
`;
}

function attribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

function script(text: string): string {
  return JSON.stringify(text).replaceAll("<", "\\u003c");
}
