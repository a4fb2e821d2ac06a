import { done, type Refusal, refused, type Result } from "@memhp/abi";
import type { ContainerBusDevice } from "./bus-device.ts";
import type { ContainerStep } from "./container-machine.ts";
import { canAttach } from "./drivers.ts";
import type { AcpiNode } from "./namespace-node.ts";
import type { PhysicalDevice } from "./physical-node.ts";
import { type StepAnswer, stepDeclined, stepDone, stepFailed } from "./step.ts";
import type { AcpiSystem } from "./system.ts";

/** Below /sys: the device that a container gets, named like its ACPI device. */
function containerDevpath(node: AcpiNode): string {
  return `/devices/system/container/${node.busId}`;
}

/** Carries out the steps of one container (facts/kernel.md §6.5; `[41] drivers/acpi/container.c`). */
export function containerSteps(
  system: AcpiSystem,
  device: () => ContainerBusDevice,
): (step: ContainerStep) => Promise<StepAnswer> {
  function uevent(action: string, env?: Readonly<Record<string, string>>): StepAnswer {
    system.ports.uevent(action, containerDevpath(device().node), "container", env);
    return stepDone;
  }

  function register(): StepAnswer {
    if (!canAttach("container", system.ports.kernel.config, system.options)) return stepDeclined;
    if (device().node.methods._DCK === true) return stepDeclined;
    device().physicalNodes.bind(containerDevice(device()));
    return uevent("add");
  }

  function checkMembers(): StepAnswer {
    for (const { node, physicalNodes } of device().children) {
      const busy = physicalNodes.firstOnline();
      if (busy !== undefined) {
        return stepFailed("EBUSY", [containerBusy(`${busy.device.devpath} of ${node.path} is online`)]);
      }
    }
    return stepDone;
  }

  function requestOffline(): StepAnswer {
    return uevent("change", system.rules.requestOfflineEnv);
  }

  function unregister(): StepAnswer {
    device().physicalNodes.unbind(containerDevpath(device().node));
    return uevent("remove");
  }

  const steps: Readonly<Record<ContainerStep, () => StepAnswer>> = {
    register,
    announce_online: () => uevent("online"),
    check_members: checkMembers,
    tell_offline: () => uevent("offline"),
    tell_online: () => uevent("online"),
    request_offline: requestOffline,
    unregister,
  };
  return async (step) => steps[step]();
}

/** The container's device as Linux takes it online and offline. */
export function containerDevice({ node, life }: ContainerBusDevice): PhysicalDevice {
  const isOffline = (): boolean => life.state === "attached.offline";
  return {
    logName: `container ${node.busId}`,
    devpath: containerDevpath(node),
    subsystem: "container",
    isOffline,
    async offline(): Promise<Result<boolean>> {
      if (isOffline()) return done(false);
      await life.run({ type: "OFFLINE" });
      const [refusal] = life.failure?.refusals ?? [];
      return refusal === undefined ? done(true) : refused(refusal);
    },
    async online(): Promise<Result<boolean>> {
      if (!isOffline()) return done(false);
      await life.run({ type: "ONLINE" });
      return done(true);
    },
  };
}

export function containerBusy(detail: string): Refusal {
  return {
    errno: "EBUSY",
    code: "container_busy",
    rule: "facts §6.5: a container goes only when its members and its own device are offline",
    retry: "yes",
    remedy: [
      "take every member offline",
      "write 0 to the container's `online`",
      "write 1 to the ACPI device's `eject`",
    ],
    detail,
  };
}
