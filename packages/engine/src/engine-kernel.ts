import type { KernelConfig } from "@memhp/abi";
import type { BootRules } from "./boot-rules.ts";
import type { PageRules } from "./pages/page-rules.ts";
import type { WatermarkRules } from "./watermark-rules.ts";
import type { ZoneRules } from "./zone-rules.ts";

/** What the engine needs to know of a kernel. */
export interface EngineKernel {
  readonly config: KernelConfig;
  readonly boot: BootRules;
  readonly zones: ZoneRules;
  readonly pages: PageRules;
  readonly watermarks: WatermarkRules;
}
