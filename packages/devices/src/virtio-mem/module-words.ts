import { done, ParseError, parseSize, refused, type Result } from "@memhp/abi";
import type { ModuleImage } from "./virtio-mem-image.ts";

const YES: ReadonlySet<string> = new Set(["1", "y", "Y", "on", ""]);
const NO: ReadonlySet<string> = new Set(["0", "n", "N", "off"]);
const KNOWN = "unplug_online=0|1, force_bbm=0|1, bbm_block_size=BYTES";

/** Parameters of virtio_mem. One that it does not know, or whose value it does not take, keeps it from being loaded. */
export function readModuleWords(words: string): Result<ModuleImage> {
  let [unplugOnline, forceBigBlocks, bigBlockBytes] = [true, false, 0];
  for (const word of words.split(/\s+/).filter((each) => each !== "")) {
    const [name = "", value = ""] = word.split("=");
    const isOn = YES.has(value) ? true : NO.has(value) ? false : undefined;
    const bytes = bytesOf(value);
    if (name === "unplug_online" && isOn !== undefined) unplugOnline = isOn;
    else if (name === "force_bbm" && isOn !== undefined) forceBigBlocks = isOn;
    else if (name === "bbm_block_size" && bytes !== undefined) bigBlockBytes = bytes;
    else
      return refused({
        errno: "EINVAL",
        code: "bad_word",
        rule: "module_param: a module with a parameter that it does not take is not loaded",
        retry: "no",
        remedy: [`write ${KNOWN}`],
        detail: word,
      });
  }
  return done({ unplugOnline, forceBigBlocks, bigBlockBytes });
}

/** A power of two, or 0; undefined for anything else. */
function bytesOf(value: string): number | undefined {
  try {
    const bytes = parseSize(value);
    return bytes === 0 || Number.isInteger(Math.log2(bytes)) ? bytes : undefined;
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}
