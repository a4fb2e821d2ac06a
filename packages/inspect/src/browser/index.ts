export { openInspector } from "./open-inspector.ts";

export type { OpenInspectorOptions } from "./open-inspector.ts";
