import type { KernelProfile } from "@memhp/abi";

type BoolParser = (text: string) => boolean | undefined;

const yes = /^[yY1]/;
const no = /^[nN0]/;

/** Each reads the first character or two and ignores what follows; undefined is EINVAL. */
const parsers: Readonly<Record<KernelProfile["boolParser"], BoolParser>> = {
  // 4.1: invalid-writes, online-file: `yes` is true, `on` and `true` are refused.
  "strtobool-4.1": (text) => (yes.test(text) ? true : no.test(text) ? false : undefined),
  // 6.1, 6.12: g_online_file, g_strings3_off: also t, f, on, of; a lone `o` and `ox` are refused.
  "kstrtobool-6": (text) =>
    /^([yY1tT]|[oO][nN])/.test(text) ? true : /^([nN0fF]|[oO][fF])/.test(text) ? false : undefined,
};

export function parseBool(profile: KernelProfile, text: string): boolean | undefined {
  return parsers[profile.boolParser](text);
}
