import QMP from "qemu-qmp";
import { expect, onTestFinished, test } from "vitest";
import { serveQmp } from "../src/node/index.ts";
import { FakeBoard } from "./fake-board.ts";
import { temporarySocket } from "./temporary-socket.ts";

/** npm's qemu-qmp, which others wrote for QEMU. */
function connected(path: string): Promise<QMP> {
  return new Promise((resolve, reject) => {
    const qmp = new QMP();
    qmp.connect(path, (error, value) => (error === null ? resolve(value) : reject(error)));
  });
}

const execute = (qmp: QMP, command: string, args: object = {}): Promise<unknown> =>
  new Promise((resolve, reject) => {
    qmp.execute(command, args, (error, value) => (error === null ? resolve(value) : reject(error)));
  });

const event = (qmp: QMP, name: string): Promise<void> => new Promise((resolve) => qmp.once(name, () => resolve()));

test("npm's qemu-qmp inserts and removes a DIMM", async () => {
  const board = new FakeBoard();
  const path = temporarySocket();
  const server = await serveQmp(board, { path });
  onTestFinished(() => server.close());

  const qmp = await connected(path);
  expect(qmp.version.qemu).toEqual({ major: 7, minor: 2, micro: 22 });
  expect(await execute(qmp, "query-status")).toEqual({ status: "prelaunch", singlestep: false, running: false });
  expect(await execute(qmp, "query-commands")).toContainEqual({ name: "device_add" });

  const backend = { "qom-type": "memory-backend-ram", id: "m0", size: 1 << 30 };
  expect(await execute(qmp, "object-add", backend)).toEqual({});
  const plugged = event(qmp, "acpi_device_ost");
  expect(await execute(qmp, "device_add", { driver: "pc-dimm", id: "d0", memdev: "m0", node: 1 })).toEqual({});
  board.guestOst(0, 1, 0);
  await plugged;
  expect(await execute(qmp, "query-memory-devices")).toMatchObject([{ type: "dimm", data: { id: "d0", node: 1 } }]);
  expect(await execute(qmp, "query-acpi-ospm-status")).toContainEqual({
    device: "d0",
    slot: "0",
    "slot-type": "DIMM",
    source: 1,
    status: 0,
  });

  await expect(execute(qmp, "object-del", { id: "m0" })).rejects.toThrow("object 'm0' is in use, can not be deleted");
  await expect(execute(qmp, "migrate")).rejects.toThrow("The command migrate has not been found");

  const deleted = event(qmp, "device_deleted");
  expect(await execute(qmp, "device_del", { id: "d0" })).toEqual({});
  board.guestEject("d0");
  await deleted;
  expect(await execute(qmp, "object-del", { id: "m0" })).toEqual({});
  expect(await execute(qmp, "query-memory-size-summary")).toEqual({ "base-memory": 2 ** 31, "plugged-memory": 0 });

  const shutdown = event(qmp, "shutdown");
  expect(await execute(qmp, "quit")).toEqual({});
  await shutdown;
  await server.closed;
});
