import { formatSize } from "@memhp/abi";

/** What kernels and compilers call architectures. */
const names: readonly (readonly [name: RegExp, arch: string])[] = [
  [/x86_64|amd64/, "x86_64"],
  [/aarch64|arm64/, "arm64"],
  [/ppc64|powerpc/, "ppc64"],
  [/s390/, "s390x"],
  [/riscv/, "riscv64"],
  [/loong/, "loongarch64"],
];

function archIn(text: string): string | undefined {
  return names.find(([name]) => name.test(text))?.[1];
}

/**
 * The architecture of a kernel, by its line `Linux version …`: Debian and Red Hat have it in the release, others only in the name of the compiler
 * (Ubuntu: `6.8.0-45-generic (buildd@bos03-arm64-012) (aarch64-linux-gnu-gcc-13 …)`). Undefined where nothing tells it.
 */
export function archOf(version: string): string | undefined {
  const [, release = "", rest = ""] = /^Linux version (\S+)(.*)/.exec(version) ?? [];
  const compiler = /\b(\w+)(?:-\w+)*-linux-\w+/.exec(rest)?.[1] ?? "";
  return archIn(release) ?? archIn(compiler) ?? archIn(rest);
}

/** A host as far as it tells what it is. */
interface Told {
  readonly release?: string | undefined;
  readonly arch?: string | undefined;
  /** Bytes. */
  readonly pageSize?: number;
}

/** Why a host becomes no machine: it is not of x86_64; undefined for any other. */
export function notX86({ release, arch, pageSize = 4096 }: Told): string | undefined {
  const only = "only such hosts become machines";
  if (arch !== undefined && arch !== "x86_64") return `Linux ${release} is not for x86_64; ${only}`;
  return pageSize === 4096 ? undefined : `its pages have ${formatSize(pageSize)}, as none of x86_64 have; ${only}`;
}
