export { readCapture } from "./read-capture.ts";
export { captureHost } from "./capture/capture-host.ts";
export type { CaptureSummary } from "./capture/capture-host.ts";
export type { CaptureOptions } from "./capture/capture-options.ts";
export type { PagesCaptured } from "./capture/capture-pages.ts";
