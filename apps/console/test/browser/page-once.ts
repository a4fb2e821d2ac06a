// Builds the page once for all files of tests that ask for it, in whichever process they run; not at all where none asks.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import { type BuiltPage, buildPage } from "./built-page.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** An address that answers with the folder of the page. */
    readonly consolePage: string;
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  let built: Promise<BuiltPage> | undefined;
  const server = createServer((_, response) => {
    built ??= buildPage();
    built.then(
      ({ folder }) => response.end(folder),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  provide("consolePage", `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return async () => {
    server.closeAllConnections();
    server.close();
    (await built?.catch(() => undefined))?.remove();
  };
}
