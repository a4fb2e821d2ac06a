import { CommandError } from "../command-error.ts";
import type { PlainValue } from "../json/value.ts";
import { ospmInfo } from "../ospm-status.ts";
import type { DimmInSlot, QmpPort, VirtioMemDevice } from "../port.ts";
import { DEFAULT_VERSION } from "../version.ts";
import { andThen, type Command, emptyAnswer, query } from "./command.ts";

/** VersionInfo, also part of the greeting. */
export function versionInfo({ version = DEFAULT_VERSION }: QmpPort): PlainValue {
  const { major, minor, micro } = version;
  return { qemu: { major, minor, micro }, package: version.package };
}

export const queryVersion: Command = query(({ port }) => versionInfo(port));

export const queryName: Command = query(({ port }) => ({ name: port.name }));

/** In the order of QEMU's schema: two of these share a hash bucket, where the order of writing decides. */
export const queryStatus: Command = query(({ port }) =>
  andThen(port.runState?.() ?? "running", (status) => ({ running: status === "running", singlestep: false, status })),
);

export const queryCommands: Command = query(({ commandNames }) => commandNames.map((name) => ({ name })));

export const queryMemoryDevices: Command = query(({ port }) =>
  andThen(port.memoryDevices(), (devices) =>
    devices.map((device) =>
      device.type === "virtio-mem"
        ? { type: "virtio-mem", data: virtioMemInfo(device) }
        : { type: device.type ?? "dimm", data: dimmInfo(device) },
    ),
  ),
);

function virtioMemInfo({ id, memdev, addr, ...device }: VirtioMemDevice): PlainValue {
  return {
    memdev: `/objects/${memdev}`,
    memaddr: addr,
    "block-size": device.blockBytes,
    size: device.sizeBytes,
    node: device.node,
    "max-size": device.maxBytes,
    "requested-size": device.requestedBytes,
    id,
  };
}

function dimmInfo({ id, memdev, addr, sizeBytes, slot, node, hotplugged }: DimmInSlot): PlainValue {
  return { id, memdev: `/objects/${memdev}`, addr, size: sizeBytes, slot, node, hotplugged, hotpluggable: true };
}

export const queryAcpiOspmStatus: Command = query(({ port }) => andThen(port.ospmStatus(), (all) => all.map(ospmInfo)));

export const queryMemorySizeSummary: Command = query(({ port }) =>
  andThen(port.memorySizeSummary(), ({ baseBytes, pluggedBytes }) => ({
    "base-memory": baseBytes,
    "plugged-memory": pluggedBytes,
  })),
);

/** `system_reset`. */
export const systemReset: Command = query(({ port }) => {
  if (port.systemReset === undefined) throw new CommandError("this machine cannot be reset");
  return andThen(port.systemReset(), emptyAnswer);
});

export const quit: Command = query(({ shutdown }) => {
  shutdown();
  return {};
});
