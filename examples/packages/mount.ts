import { decodeRequest, Filesystem, oddTree, oddTrees } from "@memhp/mount";
import { mountAvailable, readTreeOnDisk, writeTree } from "@memhp/mount/node";
import { kernelOf } from "@memhp/kernels";
import { createTree, exportTree, importTree, stubKernel } from "@memhp/sysfs";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const tree = createTree(stubKernel(kernelOf("6.12"), { blocks: [32, 33] }));
const dir = mkdtempSync(join(tmpdir(), "stranger-"));
try {
  writeTree(exportTree(tree, "/sys"), dir);
  console.log(readFileSync(join(dir, "sys/devices/system/memory/memory32/state"), "utf8").trim());
  const back = [];
  for await (const entry of readTreeOnDisk(dir)) back.push(entry);
  const copy = importTree(back).read("/sys/devices/system/memory/memory33/state");
  console.log(copy.ok && copy.value.trim());
} finally {
  rmSync(dir, { recursive: true });
}
const odd = oddTree(exportTree(tree, "/sys"), ["no-valid-zones"]);
console.log(
  [...odd].some(({ path }) => path.endsWith("valid_zones")),
  Object.keys(oddTrees).length > 3,
);
console.log(typeof mountAvailable().ok, typeof Filesystem, typeof decodeRequest);
/* prints
online
online
false true
boolean function function
*/
