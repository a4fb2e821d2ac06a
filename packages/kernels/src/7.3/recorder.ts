import type { RecorderRules } from "../recorder-rules.ts";

export const recorder: RecorderRules = {
  blockStep: "state-and-zones",
  readsGuestMemory: false,
  notifications: true,
  firstBlockTaken: "with-first-reading",
  dentries: undefined,
  unwrittenDefaultState: undefined,
  slabLeavesWithOthers: true,
};
