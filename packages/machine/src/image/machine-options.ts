/** The options of `boot` and of `start` by name; `bootMachine` gives all of its own to both, so either takes all. `start.ts` ties them to their types. */
export const machineOptions = {
  kernel: true,
  config: true,
  onBoot: true,
  platform: true,
  devices: true,
  kernelBlocks: true,
  seed: true,
  workers: true,
  workerFactory: true,
  lateWorkers: true,
  notifiers: true,
  verify: true,
  mostTurns: true,
} as const;
