import { kernelOf } from "@memhp/kernels";
import { createErrorInjector, createMemoryNotifier, createNotifierChain, NotifierCallbackError } from "@memhp/notifier";

const chain = createNotifierChain<"COMING" | "GOING", { id: number }>();
const heard: string[] = [];
chain.register({ name: "last", priority: -5, call: (action) => (heard.push(`last ${action}`), 1) });
chain.register({ name: "first", priority: 10, call: (action, { id }) => (heard.push(`first ${action} ${id}`), 1) });
const { errno, vetoedBy } = await chain.call("COMING", { id: 7 });
console.log(heard.join(", "), "|", errno, vetoedBy);

const broken = createNotifierChain<"X", undefined>();
broken.register({
  name: "broken",
  call: () => {
    throw new Error("bug");
  },
});
try {
  await broken.call("X", undefined);
} catch (error) {
  console.log(error instanceof NotifierCallbackError);
}

const kernel = kernelOf("4.1");
const memory = createMemoryNotifier(kernel);
const injector = createErrorInjector({ kernel, log: () => {} });
memory.register(injector);
injector.write("MEM_GOING_OFFLINE", "-16\n");
const notice = { startPfn: 0x100000, nrPages: 0x8000, statusChangeNid: -1, statusChangeNidNormal: -1 };
const refusedBy = await memory.call("MEM_GOING_OFFLINE", { ...notice, statusChangeNidHigh: -1 });
console.log(refusedBy.errno, refusedBy.vetoedBy);
/* prints
first COMING 7, last COMING | 0 undefined
true
EBUSY memory-notifier-error-inject
*/
