import type { EventBody } from "@memhp/abi";

type Uevent = Extract<EventBody, { type: "uevent" }>;

const VIRTIO = { MODALIAS: "virtio:d00000018v00001AF4" };
const MODALIAS = "pci:v00001AF4d00001058sv00001AF4sd00001100bc00scFFi00";

const uevent = (action: string, devpath: string, subsystem: string, env?: Uevent["env"]): Uevent => ({
  type: "uevent",
  action,
  devpath,
  subsystem,
  ...(env === undefined ? {} : { env }),
});

/** `/devices/pci0000:00/0000:00:01.0`. */
function pciPath(pci: string): string {
  return `/devices/pci0000:00/${pci}`;
}

function pciVariables(pci: string): Readonly<Record<string, string>> {
  return {
    PCI_CLASS: "FF00",
    PCI_ID: "1AF4:1058",
    PCI_SUBSYS_ID: "1AF4:1100",
    PCI_SLOT_NAME: pci.split("/").at(-1) ?? pci,
  };
}

/** The driver binds to a virtio device (v_boot_requested). */
export function bound(pci: string, index: number): Uevent {
  return uevent("bind", `${pciPath(pci)}/virtio${index}`, "virtio", { DRIVER: "virtio_mem", ...VIRTIO });
}

/** A virtio device comes on a root port; `isBound` where its driver is loaded (v_hotplug_device). Its wakeup source is not told. */
export function arrived(pci: string, index: number, isBound: boolean): Uevent[] {
  const path = pciPath(pci);
  const env = pciVariables(pci);
  return [
    uevent("add", path, "pci", { ...env, MODALIAS }),
    uevent("add", `${path}/virtio${index}`, "virtio", VIRTIO),
    ...(isBound ? [bound(pci, index)] : []),
    uevent("bind", path, "pci", { DRIVER: "virtio-pci", ...env, MODALIAS }),
  ];
}

/** It goes (7.3-qemu11: v_hotplug_device). */
export function departed(pci: string, index: number, isBound: boolean): Uevent[] {
  const path = pciPath(pci);
  const env = pciVariables(pci);
  const virtio = `${path}/virtio${index}`;
  return [
    ...(isBound ? [uevent("unbind", virtio, "virtio", {})] : []),
    uevent("remove", virtio, "virtio", VIRTIO),
    uevent("unbind", path, "pci", env),
    uevent("remove", path, "pci", { ...env, MODALIAS }),
  ];
}

/** The module is loaded (v_boot_requested). */
export function loaded(): Uevent[] {
  return [uevent("add", "/bus/virtio/drivers/virtio_mem", "drivers"), uevent("add", "/module/virtio_mem", "module")];
}
