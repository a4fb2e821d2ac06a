export type ContainerCommand =
  /** Firmware notifies the kernel of a container, or userspace writes to `online` of its device. */
  | { readonly do: "container"; readonly id: string; readonly action: ContainerAction }
  /** A write to the `eject` file of a memory device in a container. */
  | { readonly do: "eject_device"; readonly id: string; readonly path: string };
export type ContainerAction = "bus_check" | "device_check" | "eject" | "online" | "offline";

/** What is done, as firmware or a shell would. */
export function containerText(command: ContainerCommand): string {
  if (command.do === "eject_device") return `echo 1 > …/${command.id}/eject`;
  const { id, action } = command;
  if (action === "online" || action === "offline") return `echo ${action === "online" ? 1 : 0} > …/${id}/online`;
  return `notify ${id}: ${{ bus_check: "bus check", device_check: "device check", eject: "eject request" }[action]}`;
}
