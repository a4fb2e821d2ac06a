import { lstatSync, rmSync } from "node:fs";
import { connect, type ListenOptions, type Server } from "node:net";
import { QmpServerError } from "./server-error.ts";

/**
 * Listens. A socket file that nobody listens on is left over from a server that died, and replaced.
 * @throws QmpServerError `address_in_use`, `not_a_socket`; what `listen` fails with otherwise
 */
export async function listen(server: Server, options: ListenOptions): Promise<void> {
  try {
    await tryListen(server, options);
  } catch (error) {
    if (errorCode(error) !== "EADDRINUSE") throw error;
    const { path } = options;
    if (path === undefined) throw inUse(`${options.host}:${options.port}`, error);
    if (!isSocket(path)) throw new QmpServerError("not_a_socket", `${path} is not a socket`, { cause: error });
    if (await isAlive(path)) throw inUse(path, error);
    rmSync(path, { force: true });
    await tryListen(server, options);
  }
}

function tryListen(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** A file that went away meanwhile counts as a socket: there is nothing to protect. */
function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? true;
}

/** Whether somebody listens there. Only a refused connection, or no file, says no. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => resolve(!["ECONNREFUSED", "ENOENT"].includes(errorCode(error))));
  });
}

function inUse(address: string, cause: unknown): QmpServerError {
  return new QmpServerError("address_in_use", `another server listens on ${address}`, { cause });
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
