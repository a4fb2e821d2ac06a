import { type Host, type Output, wantsColour } from "../host.ts";
import type { Layout } from "./layout.ts";
import { palette } from "./palette.ts";

const DEFAULT_WIDTH = 100;
const MIN_WIDTH = 60;

/** As wide as the terminal, but never so wide that lines are hard to follow. */
export function terminalLayout(output: Output, env: Host["env"]): Layout {
  const width = Math.max(MIN_WIDTH, Math.min(output.columns ?? DEFAULT_WIDTH, DEFAULT_WIDTH));
  return { width, paint: palette(wantsColour(output, env)) };
}
