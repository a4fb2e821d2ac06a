export { diagramModel } from "./diagram-model.ts";
export { toMermaid } from "./mermaid.ts";
export { toSvg } from "./svg/to-svg.ts";
export { sequenceSvg } from "./sequence/sequence-svg.ts";

export type { Current, StateValue } from "./current.ts";
export type { StateNode, Statechart } from "./statechart.ts";
export type { DiagramEdge, DiagramModel, DiagramState, StateKind } from "./diagram-model.ts";
export type { MermaidOptions } from "./mermaid.ts";
export type { SvgOptions } from "./svg/to-svg.ts";
export type { Sequence, SequenceLane, SequenceMessage, SequenceOptions } from "./sequence/sequence-svg.ts";
export type { SvgTheme } from "./svg/theme.ts";
