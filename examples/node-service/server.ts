// curl '127.0.0.1:8080/can-shrink?node=1&bytes=268435456'
import { createServer } from "node:http";
import { dimmsOf } from "@memhp/devices";
import { bootMachine, parseMachineSpec } from "@memhp/machine";
import { canShrink } from "./shrink.ts";

const nodes = [
  { nodeid: 0, mem: "1G", cpus: "0" },
  { nodeid: 1, mem: "1G", cpus: "1" },
];
const cmdline = "memhp_default_state=online_movable";
const spec = parseMachineSpec({ memory: "2G", slots: 4, maxmem: "8G", smp: 2, nodes, cmdline });
// For a real host: `start(hostImage(readHost(await readCapture("host.tar.zst"))))` of @memhp/capture instead.
const machine = await bootMachine(spec, { kernel: "6.12" });
await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: 2 ** 29, node: 1 });

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? "/", "http://localhost");
  const node = Number(searchParams.get("node") ?? "1");
  const bytes = Number(searchParams.get("bytes") ?? 2 ** 28);
  void canShrink(machine, node, bytes).then(
    (answer) => response.setHeader("content-type", "application/json").end(`${JSON.stringify(answer)}\n`),
    (error: unknown) => response.writeHead(400).end(`${String(error)}\n`),
  );
});
const port = Number(process.argv[2] ?? "8080");
server.listen(port, "127.0.0.1", () => {
  const address = server.address();
  console.log(
    `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : port}/can-shrink?node=1`,
  );
});
