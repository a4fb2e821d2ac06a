// A worker as a process of its own, so that it can be killed: node worker-program.ts URL
import { serveSweeps } from "../../src/node/index.ts";

await serveSweeps({
  url: process.argv[2] ?? "",
  version: "1",
  workers: 1,
  onJoined: () => process.stdout.write("joined\n"),
  onRuns: (runs) => process.stdout.write(`${runs}\n`),
});
