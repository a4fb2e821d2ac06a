import type { RecorderRules } from "../recorder-rules.ts";

export const recorder: RecorderRules = {
  blockStep: "files-and-state",
  readsGuestMemory: true,
  notifications: false,
  firstBlockTaken: "with-fresh-slab",
  dentries: { most: 257_217, perPage: 9 },
  unwrittenDefaultState: undefined,
};
