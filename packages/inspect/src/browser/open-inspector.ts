import { knownOptions } from "@memhp/abi";
import { createBrowserInspector } from "@statelyai/inspect";
import type { InspectionHub } from "../hub/hub.ts";
import { inspectorSink } from "../hub/sinks.ts";

/** Where the inspector's page is, and where to show it. */
export interface OpenInspectorOptions {
  /** The inspector's page: https://stately.ai/inspect unless told otherwise. */
  readonly url?: string;
  /** Where to show it; a window of its own unless told otherwise. */
  readonly iframe?: HTMLIFrameElement;
  readonly window?: Window;
}

const OPTIONS: Readonly<Record<keyof OpenInspectorOptions, true>> = { url: true, iframe: true, window: true };

/**
 * Opens the official inspector beside this page. Call it in answer to a click, or the browser refuses the window.
 * @returns a function that closes the connection.
 */
export function openInspector(hub: InspectionHub, options: OpenInspectorOptions = {}): () => void {
  knownOptions("openInspector: options", options, OPTIONS);
  const { window = globalThis.window } = options;
  const inspector = createBrowserInspector({
    ...options,
    window,
    autoStart: false,
    // It would keep the last events for a page that opens late, and lose the actors that they belong to. The hub knows better.
    maxDeferredEvents: 0,
    serialize: (event) => event,
  });
  let remove: (() => void) | undefined;
  // The page says this when it is ready, and again when it was reloaded.
  const onMessage = ({ data }: MessageEvent<unknown>): void => {
    if (typeof data !== "object" || data === null || !("type" in data) || data.type !== "@statelyai.connected") return;
    // The adapter looks for the page in a frame when that has loaded, but the page is ready before.
    if (options.iframe !== undefined) inspector.adapter.targetWindow = options.iframe.contentWindow;
    remove?.();
    remove = hub.addSink(inspectorSink(inspector));
  };
  inspector.start();
  window.addEventListener("message", onMessage);
  return () => {
    window.removeEventListener("message", onMessage);
    remove?.();
    inspector.stop();
  };
}
