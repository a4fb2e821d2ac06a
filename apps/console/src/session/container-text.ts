import type { ContainerCommand } from "./container-commands.ts";

/** What is done, as firmware or a shell would. */
export function containerText(command: ContainerCommand): string {
  if (command.do === "eject_device") return `echo 1 > …/${command.id}/eject`;
  const { id, action } = command;
  if (action === "online" || action === "offline") return `echo ${action === "online" ? 1 : 0} > …/${id}/online`;
  return `notify ${id}: ${{ bus_check: "bus check", device_check: "device check", eject: "eject request" }[action]}`;
}
