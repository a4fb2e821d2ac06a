import type { Command } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { MAX_PORT } from "../serve/serve-options.ts";
import { docsPage, docsPages } from "../serve/docs-pages.ts";
import { serveLoopback } from "../serve/loopback.ts";

const DEFAULT_PORT = 4174;

export const docs: Command = {
  spec: {
    name: "docs",
    about: "Serves the documentation on this computer until it is interrupted.",
    operands: { name: "PAGE", min: 0, max: 1 },
    options: { port: { value: "N", about: `Port, ${DEFAULT_PORT} unless told otherwise; 0 takes any that is free` } },
    notes: [
      "Guides, machines that live in the page, every operation, command, file, event, rule and refusal, and the API of every package; with a search.",
      "PAGE is where to begin: results, api/notifier, reference/refusals. Its address is printed.",
      "The pages are static files, which any server can serve: they lie in the folder docs of this package.",
      "Example: memhp docs api/notifier --port 0",
    ],
  },
  async run(args, host) {
    const page = await docsPage(args.operands[0]);
    const server = await serveLoopback(args.count("port", MAX_PORT) ?? DEFAULT_PORT, await docsPages());
    try {
      host.stdout.write(`${new URL(page, server.url).href}\n`);
      await host.interrupted();
      return ExitCode.interrupted;
    } finally {
      await server.close();
    }
  },
};
