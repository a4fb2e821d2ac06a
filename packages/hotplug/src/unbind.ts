import type { ZoneIndex } from "@memhp/abi";
import { NO_ZONE, nodeOf, shrinkSpansForOffline } from "@memhp/engine";
import { emitZone, type StepContext } from "./step-context.ts";

/** 6.x: the block leaves its zone, whose span shrinks. The block's pages are not online any more. */
export function unbind(context: StepContext, block: number): void {
  const { map } = context;
  const index = map.blocks.zone(block) as ZoneIndex;
  map.blocks.setZone(block, NO_ZONE);
  shrinkSpansForOffline(map, block, index);
  emitZone(context, nodeOf(map, map.blocks.node(block)), index);
}
