export {
  type BlockContext,
  type BlockEvent,
  type BlockInput,
  type BlockMachine,
  blockMachine,
  type BlockPorts,
  type BlockStep,
  blockSteps,
  withPorts,
} from "./block-machine.ts";
export { offlineOrder } from "./step-order.ts";
export { type BlockHandle, type BlockInspector, type HandleInput, reviveActor, rowHandle } from "./handle.ts";
export { type BlockLeaf, type BlockTransitions, compileTable, leafOf, valueOf } from "./table.ts";
