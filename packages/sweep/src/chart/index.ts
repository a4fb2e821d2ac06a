export { type ChartData, chartData, type ChartKind, chartKinds, type ChartPoint } from "./chart-data.ts";
export { chartSvg } from "./chart-svg.ts";
export { chartText } from "./chart-text.ts";
