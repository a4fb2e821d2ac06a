import {
  CaptureBuilder,
  chooseRules,
  hostImage,
  judgeBlocks,
  parseQemuLine,
  readHost,
  surveyHost,
} from "@memhp/capture";
import { parseMachineSpec } from "@memhp/machine";

const files = new CaptureBuilder("three blocks");
const put = (path: string, text: string): void => {
  const file = files.file(path);
  file.push(new TextEncoder().encode(text));
  file.end();
};
put("sys/devices/system/memory/block_size_bytes", "8000000\n");
for (const [block, state] of [
  [32, "online"],
  [33, "online"],
  [34, "offline"],
] as const) {
  put(`sys/devices/system/memory/memory${block}/state`, `${state}\n`);
  put(`sys/devices/system/memory/memory${block}/valid_zones`, "Normal\n");
  files.link(`sys/devices/system/memory/memory${block}/node0`, "../../node/node0");
}
put("proc/version", "Linux version 6.1.0-18-amd64 ...\n");
put("proc/iomem", "100000000-117ffffff : System RAM\n");
put("kpageflags.runs", "100000 40000 400\n109c40 1 80\n109c41 25535 400\n");
const host = readHost(files.finish());
const { rules, why } = chooseRules(host);
console.log(why);
for (const { block, answer } of judgeBlocks(surveyHost(host), rules)) console.log(block, answer);
const line = parseQemuLine("qemu-system-x86_64 -M q35 -m 2G,slots=2,maxmem=8G -smp 2");
console.log(parseMachineSpec(line.machine).memoryBytes === 2 ** 31, typeof hostImage);
/* prints
the host runs Linux 6.1.0-18-amd64
32 goes_offline
33 refused
34 is_offline
true function
*/
