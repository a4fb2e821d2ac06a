import { type BoardMemory, type Platform, platformOf, platforms } from "@memhp/platforms";

console.log(
  platforms
    .map(({ id }) => id)
    .toSorted()
    .join(" "),
);
const pc: Platform = platformOf("x86_64");
console.log(2 ** pc.arch.sectionSizeBits / 2 ** 20, 2 ** platformOf("ppc64").arch.sectionSizeBits / 2 ** 20);
const memory: BoardMemory = { board: "q35", memoryBytes: 4 * 2 ** 30 };
const ram = pc.firmwareRam(memory);
const bytes = ram.filter(({ type }) => type === "System RAM").reduce((sum, { start, end }) => sum + end - start, 0);
console.log(bytes > 3.9 * 2 ** 30, bytes <= 4 * 2 ** 30);
console.log(
  ram.every(({ start, end }) => start < end),
  ram.length > 2,
);
console.log(pc.deviceMemoryStart(memory) >= 2 ** 32);
const own: Platform = { ...pc, boards: ["q35"] };
console.log(own.boards.length, pc.boards.length);
for (const name of ["alpha", "riscv64"]) {
  try {
    platformOf(name);
    console.log("no error");
  } catch (error) {
    console.log(name, error instanceof RangeError, String(error).includes("x86_64"));
  }
}
/* prints
arm64 ia64 ppc64 s390x sh x86_64
128 16
true true
true true
true
1 2
alpha true true
riscv64 true true
*/
