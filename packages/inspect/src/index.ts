export { diagramModel } from "./diagram-model.ts";
export { toMermaid } from "./mermaid.ts";
export { toSvg } from "./svg/to-svg.ts";
