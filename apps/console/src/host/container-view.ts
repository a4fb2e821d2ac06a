import { isEnabled } from "@memhp/acpi";
import { type Container, containersOf } from "@memhp/devices";
import type { Machine } from "@memhp/machine";
import { blocksText } from "./machine-view.ts";
import type { ContainerView } from "./views.ts";

/** The containers that a machine may have. */
export function containerViews(machine: Machine): ContainerView[] {
  return containersOf(machine)
    .list()
    .map((container) => containerView(machine, container));
}

function containerView(machine: Machine, container: Container): ContainerView {
  const door = containersOf(machine);
  const node = machine.acpi.namespace.byPath(container.path);
  const online = machine.files.read(`/sys/devices/system/container/${node?.busId}/online`);
  const isIn = door.isInserted(container);
  return {
    id: container.id,
    hid: node?.methods._HID ?? "",
    isIn,
    isOnline: online.ok && online.value.trim() === "1",
    memory: !isIn
      ? []
      : (node?.children ?? []).flatMap((child) => {
          const id = door.idAt(child.path);
          const memory = container.memory.find((each) => each.id === id);
          if (id === undefined || memory === undefined || !isEnabled(child.methods._STA)) return [];
          const { addr, sizeBytes } = memory;
          return [{ id, eject: `/sys${child.devpath}/eject`, sizeBytes, blocks: blocksText(machine, addr, sizeBytes) }];
        }),
  };
}
