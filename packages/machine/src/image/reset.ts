import { internalsOf, type Machine } from "../machine.ts";
import { boot } from "./boot.ts";
import { snapshotMonitor } from "./monitor-image.ts";
import { assertQuiet } from "./quiet.ts";
import { restart } from "./start.ts";

const underWay = new WeakMap<Machine, Promise<void>>();

/** The reset that a monitor's command began, until it has ended. */
export function resetUnderWay(machine: Machine): Promise<void> | undefined {
  return underWay.get(machine);
}

/**
 * The guest is reset (QMP: system_reset): the kernel boots again on the machine that there is by now. What was plugged in is there at boot, as if
 * it had been on the command line; loads, modules, parameters and the states of blocks are lost. The clock and the stream of events go on, and so do
 * callbacks of the host program on the chain.
 * @throws NotQuietError while anything is under way or waits.
 */
export async function reset(machine: Machine): Promise<void> {
  await beginReset(machine);
}

/** The same; that it cannot be is thrown at once. @throws NotQuietError */
export function beginReset(machine: Machine): Promise<void> {
  const { lock, scheduler } = internalsOf(machine).parts;
  assertQuiet({ lock, acpi: machine.acpi, scheduler });
  const resetting = bootAgain(machine).finally(() => underWay.delete(machine));
  underWay.set(machine, resetting);
  return resetting;
}

async function bootAgain(machine: Machine): Promise<void> {
  const { parts, shards } = internalsOf(machine);
  const { scheduler, devices, monitor, faults, faultDraws } = parts;
  const { specs, images } = devices.afterReset(machine.spec.devices);
  const { kernel, config, seed } = parts.image;
  const { platform, devices: types } = machine.board;
  const spec = { ...machine.spec, devices: specs };
  const early = boot(spec, { kernel, platform, devices: types, seed, ...(config === undefined ? {} : { config }) });
  const files = faults.snapshot();
  shards.emit({ type: "reset" });
  await restart(machine, {
    ...early,
    memory: { ...early.memory, clock: shards.clock.snapshot(scheduler.horizonNs) },
    devices: images,
    monitor: snapshotMonitor(monitor),
    ...(files === undefined ? {} : { faults: { draws: faultDraws.state, files } }),
  });
}
