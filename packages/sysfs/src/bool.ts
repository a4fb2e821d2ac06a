import type { SysfsKernel, SysfsRules } from "./sysfs-rules.ts";

type BoolParser = (text: string) => boolean | undefined;

const yes = /^[yY1]/;
const no = /^[nN0]/;

/** Each reads the first character or two and ignores what follows; undefined is EINVAL. */
const parsers: Readonly<Record<SysfsRules["boolWords"], BoolParser>> = {
  // 4.1: invalid-writes, online-file: `yes` is true, `on` and `true` are refused.
  strtobool: (text) => (yes.test(text) ? true : no.test(text) ? false : undefined),
  "on-off": (text) => (/^([yY1]|[oO][nN])/.test(text) ? true : /^([nN0]|[oO][fF])/.test(text) ? false : undefined),
  // 6.1, 6.12: g_online_file, g_strings3_off: also t, f, on, of; a lone `o` and `ox` are refused.
  kstrtobool: (text) =>
    /^([yY1tT]|[oO][nN])/.test(text) ? true : /^([nN0fF]|[oO][fF])/.test(text) ? false : undefined,
};

/** A word for yes or no as this kernel reads it; undefined where it refuses the word. */
export function parseBool({ sysfs }: Pick<SysfsKernel, "sysfs">, text: string): boolean | undefined {
  return parsers[sysfs.boolWords](text);
}
