import type { Result } from "@memhp/abi";

/** What rules see of a system, and the one thing that they change. Paths are absolute. */
export interface UdevPort {
  /** Contents of a file. */
  read(path: string): string | undefined;
  exists(path: string): boolean;
  /** Writes an attribute. */
  write(path: string, value: string): Promise<Result<unknown>>;
  /** Runs a program that a rule asks. Undefined where there is none of this name: it fails. */
  program(command: string): { readonly status: number; readonly stdout: string } | undefined;
  /** `arch`, `virt`: udev's own constants. */
  constant(name: string): string | undefined;
  /** /proc/cmdline. */
  readonly commandLine: string;
}
