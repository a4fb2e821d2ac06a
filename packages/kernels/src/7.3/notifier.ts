import type { NotifierRules } from "@memhp/notifier";

export const notifier: NotifierRules = {
  doubleRegistration: "EEXIST",
  ownNormalMask: "always",
  statusChangeNids: "none",
  nodeChain: true,
  injectGarbage: "EINVAL",
};
