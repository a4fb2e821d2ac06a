import { linux515 } from "../5.15/index.ts";
import type { Kernel } from "../kernel.ts";

/** RHEL 9's: its memory management is that of 5.15 and 5.16 (changelog of kernel-5.14.0-32.el9). */
export const linux514: Kernel = {
  ...linux515,
  id: "5.14",
  title: "5.14 of RHEL 9",
  version: { major: 5, minor: 14 },
  about: "RHEL 9's 5.14 (5.14.0-32.el9 and later; 9.2 and later have newer parts), x86_64",
  recordedRuns: 0,
  recordedSteps: 0,
  source: {
    release: "5.15.100, and the changelog of 5.14.0-32.el9",
    like: "5.15",
    differs: {
      notifier: "the changelog names the series that took struct memory_notify's status_change_nid_high away",
      config: "not built with NOTIFIER_ERROR_INJECTION, as RHEL 8's",
      capture: "a host's release",
    },
  },
  config: { ...linux515.config, MEMORY_NOTIFIER_ERROR_INJECT: false },
  capture: { ...linux515.capture, since: [5, 14] },
  notifier: { ...linux515.notifier, statusChangeNids: "normal-any" },
};
