import { existsSync, lstatSync, rmSync } from "node:fs";
import { connect, createServer, type ListenOptions, type Server } from "node:net";
import { listenOptions, type QmpAddress } from "./address.ts";
import { dirname } from "node:path";
import { QmpServerError } from "./server-error.ts";

/**
 * Whether a server could listen there now; nothing stays behind.
 * @throws QmpServerError
 */
export async function assertListenable(address: QmpAddress): Promise<void> {
  const server = createServer();
  await listen(server, listenOptions(address));
  await new Promise((resolve) => server.close(resolve));
}

/** Bytes of a socket's path that the kernel takes (sun_path, without the 0 behind it). */
const MAX_PATH_BYTES = 107;

/**
 * Listens. A socket file that nobody listens on is left over from a server that died, and replaced.
 * @throws QmpServerError
 */
export async function listen(server: Server, options: ListenOptions): Promise<void> {
  const { path } = options;
  if (path !== undefined && Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw new QmpServerError("path_too_long", `${path}: a socket's path may have ${MAX_PATH_BYTES} bytes`);
  try {
    await tryListen(server, options);
  } catch (error) {
    // Node tells of a folder that is not there as of one that is closed.
    if (path !== undefined && !existsSync(dirname(path)))
      throw new QmpServerError("no_such_folder", `${path}: no such folder`, { cause: error });
    if (errorCode(error) !== "EADDRINUSE") throw cannotListen(path ?? `${options.host}:${options.port}`, error);
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

function cannotListen(address: string, cause: unknown): QmpServerError {
  switch (errorCode(cause)) {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new QmpServerError("not_allowed", `${address}: permission denied`, { cause });
    case "ENOTDIR":
      return new QmpServerError("no_such_folder", `${address}: no such folder`, { cause });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new QmpServerError("cannot_listen", `${address}: ${reason}`, { cause });
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
