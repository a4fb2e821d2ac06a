import type { NotifierRules } from "@memhp/notifier";

export const notifier: NotifierRules = {
  doubleRegistration: "EEXIST",
  ownNormalMask: "always",
  statusChangeNids: "normal-any",
  nodeChain: false,
  injectGarbage: "EINVAL",
};
