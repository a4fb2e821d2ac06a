import type { ConfigSetting } from "@memhp/abi";
import { UsageError } from "../errors.ts";
import type { Arguments } from "./arguments.ts";

/**
 * `--config MEMORY_HOTREMOVE=n`, as often as wanted; the last one of a switch wins. Whether the kernel has it is seen at boot.
 * @throws UsageError
 */
export function configOption(args: Arguments): ConfigSetting | undefined {
  const texts = args.texts("config");
  if (texts.length === 0) return undefined;
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^(?:CONFIG_)?([A-Z][A-Z0-9_]*)=([yn])$/.exec(text) ?? [];
      if (name === undefined)
        throw new UsageError(
          `--config: ${JSON.stringify(text)} is no switch with its value (allowed: MEMORY_HOTREMOVE=n, MEMORY_HOTREMOVE=y)`,
        );
      return [name, value === "y"];
    }),
  );
}
