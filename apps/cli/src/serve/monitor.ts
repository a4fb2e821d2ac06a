import { rmSync } from "node:fs";
import { type Machine, qmpPortOf, WorkerGone } from "@memhp/machine";
import { assertListenable, type QmpAddress, serveQmp, QmpServerError } from "@memhp/qmp/node";
import { InputError, RunFailed, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";

const MAX_PORT = 65_535;

/**
 * `unix:PATH`, a path, or `tcp:PORT` on loopback; somebody could listen there now.
 * @throws UsageError, InputError
 */
export async function monitorAddress(text: string): Promise<QmpAddress> {
  const address = parseAddress(text);
  try {
    await assertListenable(address);
  } catch (error) {
    throw named(error);
  }
  return address;
}

function parseAddress(text: string): QmpAddress {
  const tcp = /^tcp:(\d+)$/.exec(text);
  if (tcp !== null && Number(tcp[1]) <= MAX_PORT) return { port: Number(tcp[1]) };
  const path = text.startsWith("unix:") ? text.slice("unix:".length) : text;
  if (path === "" || text.startsWith("tcp:")) {
    throw new UsageError(`--qmp: expected unix:PATH or tcp:PORT (0..${MAX_PORT}), found ${JSON.stringify(text)}`);
  }
  return { path };
}

/** Serves a machine's DIMM side as a QEMU monitor until a client says `quit` or the user has had enough. */
export async function serveMonitor(machine: Machine, address: QmpAddress, host: Host): Promise<void> {
  let onBug = (_error: unknown): void => {};
  const bug = new Promise<never>((_resolve, reject) => {
    onBug = reject;
  });
  bug.catch(() => {});
  try {
    const server = await serveQmp(qmpPortOf(machine, { onBug }), address, { onBug });
    const { address: at } = server;
    const stopHearing = host.onInterrupt(() => {
      if ("path" in at) rmSync(at.path, { force: true });
    });
    host.stderr.write(`QMP: ${"path" in at ? `unix:${at.path}` : `tcp:${at.port}`}\n`);
    try {
      await Promise.race([server.closed, host.interrupted(), bug]);
    } finally {
      await server.close();
      stopHearing();
    }
  } catch (error) {
    throw named(error);
  }
}

function named(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof WorkerGone) return new RunFailed(`--qmp: ${error.message}`, { cause: error });
  return error instanceof QmpServerError ? new InputError(`--qmp: ${error.message}`, { cause: error }) : error;
}
