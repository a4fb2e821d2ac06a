import {
  defaultKernel,
  findKernel,
  type Kernel,
  kernelFor,
  kernelNames,
  kernelOf,
  kernels,
  withConfig,
} from "@memhp/kernels";

console.log(kernels.map(({ id }) => id).includes("4.1"), defaultKernel.id);
console.log(kernelOf("4.1").zones.zoneBinding, kernelOf("6.12").zones.zoneBinding);
console.log(findKernel("2.4") === undefined, kernelNames().length >= kernels.length);
const without = withConfig(kernelOf("6.12"), { MEMORY_FAILURE: false });
console.log(without.config.MEMORY_FAILURE, kernelOf("6.12").config.MEMORY_FAILURE);
const mine: Kernel = {
  ...kernelOf("6.12"),
  id: "mine",
  title: "6.12 with a bounded offline",
  about: "an experiment",
  pages: { ...kernelOf("6.12").pages, offlineRetries: "bounded" },
};
console.log(kernelOf("mine", [...kernels, mine]).pages.offlineRetries);
console.log(kernelFor("6.12", "arm64").id);
for (const attempt of [() => kernelOf("5.19"), () => withConfig(kernelOf("6.12"), { NOT_A_SWITCH: true } as never)]) {
  try {
    attempt();
    console.log("no error");
  } catch (error) {
    console.log(error instanceof RangeError);
  }
}
/* prints
true 6.12
at-add at-online
true true
false true
bounded
6.12-arm64
true
true
*/
