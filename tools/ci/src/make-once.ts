// What is made once for all files of tests that ask for it, in whichever process they run; not at all where none asks.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Made {
  /** Where it lies. */
  readonly folder: string;
  remove(): void;
}

export interface Once {
  /** An address that answers with the folder, once it is there. */
  readonly address: string;
  /** Takes away what was made. */
  end(): Promise<void>;
}

/** To be called by a global setup of vitest, whose teardown calls `end`. */
export async function makeOnce(make: () => Promise<Made>): Promise<Once> {
  let made: Promise<Made> | undefined;
  const server = createServer((_, response) => {
    made ??= make();
    made.then(
      ({ folder }) => response.end(folder),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async end() {
      server.closeAllConnections();
      server.close();
      (await made?.catch(() => undefined))?.remove();
    },
  };
}

/** The folder at such an address; whoever asks first has it made. @throws Error for what could not be made. */
export async function madeAt(address: string): Promise<string> {
  const answer = await fetch(address);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`it could not be made: ${text}`);
  return text;
}
