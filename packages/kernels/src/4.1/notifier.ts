import type { NotifierRules } from "@memhp/notifier";

export const notifier: NotifierRules = {
  doubleRegistration: "throws",
  ownNormalMask: "with-MOVABLE_NODE",
  statusChangeNids: "normal-high-any",
  nodeChain: false,
  injectGarbage: "zero",
};
