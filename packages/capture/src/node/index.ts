export { readCapture } from "./read-capture.ts";
export { captureHost } from "./capture/capture-host.ts";
export type { CaptureOptions, CaptureSummary } from "./capture/capture-host.ts";
export type { PagesCaptured } from "./capture/capture-pages.ts";
