import { expect, onTestFinished, test } from "vitest";
import { createQmpClient, createQmpSession, genericError, OK, QmpClientError, type QmpSession } from "../src/index.ts";
import { connectQmp, serveQmp } from "../src/node/index.ts";
import { FakeBoard } from "./fake-board.ts";
import { temporarySocket } from "./temporary-socket.ts";

test("a client without a socket speaks with a session, and keeps addresses to their last bit", async () => {
  const board = new FakeBoard();
  let session: QmpSession | undefined;
  const client = createQmpClient({ send: (line) => void session?.receive(line) });
  session = createQmpSession(board, { send: (line) => client.receive(line) });
  await client.greeted;
  expect(await client.execute("query-name")).toMatchObject({ ok: false, refusal: { class: "CommandNotFound" } });
  expect(await client.execute("qmp_capabilities")).toEqual({ ok: true, value: {} });
  await client.execute("object-add", { "qom-type": "memory-backend-ram", id: "m0", size: 2n ** 62n });
  expect(board.backends.get("m0")?.sizeBytes).toBe(2n ** 62n);
  board.memoryDevices = () => [
    { memdev: "m", addr: 2n ** 63n, sizeBytes: 4096n, slot: 0, node: 0, hotplugged: true, path: "" },
  ];
  expect(await client.execute("query-memory-devices")).toMatchObject({
    ok: true,
    value: [{ data: { addr: 2n ** 63n, size: 4096 } }],
  });
});

test("a program adds commands and events of its own", async () => {
  const board = new FakeBoard();
  const path = temporarySocket();
  const server = await serveQmp(
    board,
    { path },
    {
      commands: {
        "x-pull": ({ cord }) => {
          if (cord !== "red") return genericError(`no cord ${JSON.stringify(cord)}`);
          board.emit({ event: "OTHER", name: "X_BELL", atNs: 0, data: { times: 2 } });
          return OK;
        },
      },
    },
  );
  onTestFinished(() => server.close());
  const client = await connectQmp({ path });
  expect(await client.execute("x-pull", { cord: "blue" })).toEqual({
    ok: false,
    refusal: { class: "GenericError", desc: 'no cord "blue"' },
  });
  const bell = client.nextEvent("X_BELL");
  expect(await client.execute("x-pull", { cord: "red" })).toEqual({ ok: true, value: {} });
  expect((await bell).data).toEqual({ times: 2 });
  expect(await client.execute("query-commands")).toMatchObject({
    value: expect.arrayContaining([{ name: "x-pull" }]) as unknown,
  });
});

test("whoever waits for an answer hears that the connection has ended", async () => {
  const path = temporarySocket();
  const server = await serveQmp(new FakeBoard(), { path });
  const client = await connectQmp({ path });
  const event = client.nextEvent("DEVICE_DELETED").catch((error: unknown) => error);
  await server.close();
  await client.closed;
  expect(await event).toBeInstanceOf(QmpClientError);
  await expect(client.execute("query-name")).rejects.toThrow("the monitor closed the connection");
  await expect(connectQmp({ path })).rejects.toThrow(QmpClientError);
});

test("what speaks no QMP ends the connection with a clear error", async () => {
  const client = createQmpClient({ send: () => {} });
  const answer = client.execute("query-name");
  client.receive("HTTP/1.1 400 Bad Request\r\n");
  await expect(answer).rejects.toThrow("the other side speaks no QMP");
});
