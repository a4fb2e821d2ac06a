import { refused, type Result } from "@memhp/abi";
import { type FileNode, parseBool, readWrite } from "@memhp/sysfs";
import type { DriverKernel } from "../driver-kernel.ts";
import type { StandbyMemory } from "./standby-memory.ts";

/** /sys/firmware/memory (6.19; peer-programs §8): chmem and lsmem of util-linux 2.42 read and write it. */
export function standbyFiles(memory: StandbyMemory, kernel: DriverKernel): Record<string, FileNode> {
  const flag = (isSet: boolean, store: (value: boolean) => Result<void> | Promise<Result<void>>): FileNode =>
    readWrite(
      kernel,
      () => (isSet ? "1\n" : "0\n"),
      async ({ text }) => {
        const value = parseBool(kernel, text);
        return value === undefined ? noBool(text) : await store(value);
      },
    );
  return Object.fromEntries(
    memory.list().flatMap(({ block, state, memmapOnMemory }): (readonly [string, FileNode])[] => {
      const dir = `/sys/firmware/memory/memory${block}`;
      return [
        [`${dir}/config`, flag(state === "configured", (value) => memory.configure(block, value))],
        [`${dir}/memmap_on_memory`, flag(memmapOnMemory, (value) => memory.setMemmapOnMemory(block, value))],
      ];
    }),
  );
}

function noBool(text: string): Result<never> {
  return refused({
    errno: "EINVAL",
    code: "bad_word",
    rule: "kstrtobool",
    retry: "no",
    remedy: ["write 1 or 0"],
    detail: JSON.stringify(text.slice(0, 64)),
  });
}
