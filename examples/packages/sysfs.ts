import { kernelOf } from "@memhp/kernels";
import { createTree, exportTree, importTree, parseFault, stubKernel } from "@memhp/sysfs";

const tree = createTree(stubKernel(kernelOf("6.12"), { blocks: [32, 33], nodes: [0] }));
const state = "/sys/devices/system/memory/memory33/state";
const read = (path: string): string => {
  const found = tree.read(path);
  return found.ok ? found.value.trim() : String(found.refusal.errno);
};
console.log(read(state));
const offline = await tree.write(state, "offline\n");
console.log(offline.ret, read(state), read("/sys/no/such/file"));
const again = await tree.write(state, "offline");
console.log(again.errno, again.refusal?.code);
const word = await tree.write(state, "sideways");
console.log(word.errno, word.refusal?.code);
console.log(read("/sys/devices/system/memory/block_size_bytes"));
const entries = [...exportTree(tree, "/sys/devices/system/memory")];
const copy = importTree(entries);
console.log(entries.length > 10, JSON.stringify(copy.read(state)) === JSON.stringify(tree.read(state)));
console.log(parseFault(["/sys/devices/system/memory/memory32/state", "write", "EBUSY", "once"]) !== undefined);
let refused = "";
try {
  createTree(stubKernel(kernelOf("6.12"), { blokcs: [1] } as never));
} catch (error) {
  refused = error instanceof TypeError ? error.message : "";
}
console.log(refused.includes("blokcs"));
/* prints
online
8 offline ENOENT
EINVAL already_in_state
EINVAL bad_word
8000000
true true
true
true
*/
