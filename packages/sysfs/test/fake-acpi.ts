import { done } from "@memhp/abi";
import type { AcpiDeviceView, AcpiPort } from "../src/index.ts";

export const dimmDevpath = "/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/PNP0C80:00";

export interface FakeAcpi extends AcpiPort {
  readonly ejected: string[];
}

/** ACPI with one memory device. */
export function fakeAcpi(device: Partial<AcpiDeviceView> = {}, canForceRemove = true): FakeAcpi {
  const enabled = new Map([
    ["memory", true],
    ["pci_root", true],
    ["processor", true],
  ]);
  let forceRemove = false;
  const ejected: string[] = [];
  const dimm: AcpiDeviceView = {
    devpath: dimmDevpath,
    path: "\\_SB_.MHPC.MP00",
    hid: "PNP0C80",
    uid: "0x00",
    status: 15,
    ejectable: true,
    physicalNodes: [],
    ...device,
  };
  return {
    ejected,
    hotplugProfiles: () => [...enabled.keys()],
    hotplugEnabled: (profile) => enabled.get(profile) === true,
    setHotplugEnabled: (profile, value) => enabled.set(profile, value),
    canForceRemove: () => canForceRemove,
    forceRemove: () => forceRemove,
    setForceRemove: (value) => (forceRemove = value),
    devices: () => [dimm],
    containers: () => [],
    setContainerOnline: async () => done(undefined),
    eject(devpath) {
      ejected.push(devpath);
      return done(undefined);
    },
  };
}
