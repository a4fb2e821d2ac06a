import { done, type Result, kstrtouint } from "@memhp/abi";
import { readOnly, readWrite } from "./attribute.ts";
import { parseBool } from "./bool.ts";
import { directory } from "./directory.ts";
import type { KernelPort, ModuleParameter } from "./kernel-port.ts";
import { badWord } from "./refusals.ts";
import { streq } from "./state-word.ts";
import type { Directory, FileNode } from "./tree-node.ts";

const RULE = "observed-6 §2: parameters";

/** The value as the file will print it, or a refusal (6.1: f_params). */
type Parse = (text: string) => Result<string>;

/** /sys/module/memory_hotplug/parameters, where the profile has the policies. */
export function parametersDirectory(port: KernelPort): Directory {
  return directory({
    auto_movable_numa_aware: port.kernel.config.NUMA ? numaAwareFile(port) : undefined,
    auto_movable_ratio: parameterFile(port, "auto_movable_ratio", (text) => {
      const value = kstrtouint(text);
      return typeof value === "string" ? badWord(text, RULE, "write a percentage: 301", value) : done(String(value));
    }),
    memmap_on_memory: readOnly(() => shown(port, "memmap_on_memory")),
    online_policy: parameterFile(port, "online_policy", (text) => {
      const value = ["contig-zones", "auto-movable"].find((word) => streq(text, word));
      return value === undefined ? badWord(text, RULE, "write contig-zones or auto-movable") : done(value);
    }),
  });
}

/** Only there with nodes (mm/memory_hotplug.c: CONFIG_NUMA; observed-newer §5). */
function numaAwareFile(port: KernelPort): FileNode {
  return parameterFile(port, "auto_movable_numa_aware", (text) => {
    const value = parseBool(port.kernel, text);
    return value === undefined ? badWord(text, RULE, "write Y or N") : done(value ? "Y" : "N");
  });
}

function parameterFile(port: KernelPort, name: ModuleParameter, parse: Parse): FileNode {
  return readWrite(
    port.kernel,
    () => shown(port, name),
    ({ text }) => {
      const value = parse(text);
      if (!value.ok) return value;
      port.setParameter(name, value.value);
      return done(undefined);
    },
  );
}

function shown(port: KernelPort, name: ModuleParameter): string {
  return `${port.parameter(name).replace(/\n$/, "")}\n`;
}
