import { done, type KernelProfile } from "@memhp/abi";
import type { Acpi } from "../acpi.ts";
import { type AcpiFileNode, badWord, directory, readWrite } from "./file-node.ts";

/** /sys/firmware/acpi/hotplug (facts/kernel.md §6.6; 6.1: x_acpi_hotplug_profile). */
export function hotplugDirectory(acpi: Acpi): AcpiFileNode {
  const profiles = acpi.hotplugProfiles().map((name) => [name, () => directory({ enabled: enabledFile(acpi, name) })]);
  return directory({ ...Object.fromEntries(profiles), force_remove: forceRemoveFile(acpi) });
}

/** Decimal 0 or 1, nothing else. */
function enabledFile(acpi: Acpi, name: string): AcpiFileNode {
  return readWrite(
    acpi.ports.profile,
    () => (acpi.hotplugEnabled(name) ? "1\n" : "0\n"),
    (text) => {
      const digit = /^\+?0*([01])\n?$/.exec(text)?.[1];
      if (digit === undefined) return badWord(text, "facts §6.6: enabled", "write 0 or 1");
      acpi.setHotplugEnabled(name, digit === "1");
      return done(undefined);
    },
  );
}

function forceRemoveFile(acpi: Acpi): AcpiFileNode {
  const { profile } = acpi.ports;
  return readWrite(
    profile,
    () => (acpi.forceRemove() ? "1\n" : "0\n"),
    (text) => {
      const value = parseBool(profile, text);
      const canSet = acpi.rules.forceRemove === "works";
      if (value === undefined || (value && !canSet)) {
        return badWord(text, "facts §6.6: force_remove", canSet ? "write 0 or 1" : "it cannot be set any more");
      }
      acpi.setForceRemove(value);
      return done(undefined);
    },
  );
}

/** The kernel's parsers look at one or two characters (facts/kernel.md §2.9, observed-6 §2). */
const parsers: Readonly<Record<KernelProfile["boolParser"], readonly [yes: RegExp, no: RegExp]>> = {
  "strtobool-4.1": [/^[yY1]/, /^[nN0]/],
  "kstrtobool-6": [/^([yY1tT]|[oO][nN])/, /^([nN0fF]|[oO][fF])/],
};

export function parseBool(profile: KernelProfile, text: string): boolean | undefined {
  const [yes, no] = parsers[profile.boolParser];
  return yes.test(text) ? true : no.test(text) ? false : undefined;
}
