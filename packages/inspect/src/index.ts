export { diagramModel } from "./diagram/diagram-model.ts";
export { toMermaid } from "./diagram/mermaid.ts";
export { toSvg } from "./diagram/svg/to-svg.ts";
