import { done, kstrtoull, refused, type Result } from "@memhp/abi";
import { parseBool } from "@memhp/sysfs";
import type { DriverKernel } from "../driver-kernel.ts";
import { moduleWords, unknownWord } from "../module-words.ts";
import type { ModuleImage } from "./virtio-mem-image.ts";

const KNOWN = "unplug_online=0|1, force_bbm=0|1, bbm_block_size=BYTES";
/** Larger than any region: a larger block is not told apart. */
const MOST_BYTES = 2 ** 52;

type Taken = Partial<ModuleImage> | undefined;

/**
 * Parameters of virtio_mem (drivers/virtio/virtio_mem.c; kernel/params.c). One whose value it does not take keeps it from being loaded;
 * one that it does not have is told in the log and passed over.
 */
export function readModuleWords(words: string, kernel: Pick<DriverKernel, "sysfs" | "log">): Result<ModuleImage> {
  const flag = (name: "unplugOnline" | "forceBigBlocks", value: string | undefined): Taken => {
    const isOn = value === undefined ? true : parseBool(kernel, value);
    return isOn === undefined ? undefined : { [name]: isOn };
  };
  const module: ModuleImage = { unplugOnline: true, forceBigBlocks: false, bigBlockBytes: 0 };
  for (const word of moduleWords(words)) {
    const { value } = word;
    const name = word.name.replaceAll("-", "_");
    let taken: Taken = {};
    if (name === "unplug_online") taken = flag("unplugOnline", value);
    else if (name === "force_bbm") taken = flag("forceBigBlocks", value);
    else if (name === "bbm_block_size") taken = bytesOf(value);
    else kernel.log(unknownWord("virtio_mem", word));
    if (taken === undefined)
      return refused({
        errno: "EINVAL",
        code: "bad_word",
        rule: "module_param: a module with a parameter whose value it does not take is not loaded",
        retry: "no",
        remedy: [`write ${KNOWN}`],
        detail: value === undefined ? name : `${name}=${value}`,
      });
    Object.assign(module, taken);
  }
  return done(module);
}

/** An unsigned long: bytes without a unit. */
function bytesOf(value: string | undefined): Taken {
  const bytes = kstrtoull(value ?? "");
  return typeof bytes === "string" ? undefined : { bigBlockBytes: Math.min(MOST_BYTES, Number(bytes)) };
}
