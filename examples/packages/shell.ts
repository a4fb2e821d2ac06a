import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { isDeed, Prompt } from "@memhp/shell";

const machine = await bootMachine(parseMachineSpec({ nodes: { count: 1, memory: "512M" } }), { kernel: "6.12" });
const printed: string[] = [];
const warned: string[] = [];
const prompt = new Prompt(machine, {
  print: (text) => printed.push(text.trimEnd()),
  warn: (text) => warned.push(text.trimEnd()),
});
await prompt.line("cat memory2/state");
await prompt.line("echo offline > memory2/state");
await prompt.line("cat memory2/state");
console.log(printed.join(" then "));

await prompt.line("echo sideways > memory2/state");
console.log(warned.some((line) => line.startsWith("echo: write error: Invalid argument")));
console.log(isDeed("echo offline > memory2/state"), isDeed("cat memory2/state"));

const [candidates] = prompt.complete("cat memory2/st");
console.log(candidates.join(" ").trim());
prompt.close();
await machine.close();
/* prints
online then offline
true
true false
memory2/state
*/
