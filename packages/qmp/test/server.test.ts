import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  assertListenable,
  type QmpServer,
  QmpServerError,
  type QmpServerOptions,
  serveQmp,
} from "../src/node/index.ts";
import type { QmpAddress } from "../src/node/index.ts";
import { FakeBoard } from "./fake-board.ts";
import { SocketClient } from "./socket-client.ts";
import { temporarySocket } from "./temporary-socket.ts";

const MIB = 1024 * 1024;

async function serve(board: FakeBoard, options?: QmpServerOptions): Promise<{ server: QmpServer; path: string }> {
  const path = temporarySocket();
  const server = await serveQmp(board, { path }, options);
  onTestFinished(() => server.close());
  return { server, path };
}

async function addDimm(client: SocketClient, id: string): Promise<void> {
  await client.ask("object-add", { "qom-type": "memory-backend-ram", id: `m-${id}`, size: 128 * MIB });
  expect(await client.ask("device_add", { driver: "pc-dimm", id, memdev: `m-${id}` })).toEqual({ return: {} });
}

const waitFor = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await sleep(5);
};

describe("clients", () => {
  test("ten at once each have their own monitor on one machine, and all hear its events", async () => {
    const board = new FakeBoard();
    const { server, path } = await serve(board);
    const clients = await Promise.all(Array.from({ length: 10 }, () => SocketClient.open({ path })));
    expect(server.clients).toBe(10);

    await Promise.all(
      clients.map(async (client, n) => {
        for (let i = 0; i < 50; i++) {
          const id = `m${n}-${i}`;
          const args = { "qom-type": "memory-backend-ram", id, size: 4096 };
          expect(await client.ask("object-add", args)).toEqual({ return: {} });
          expect((await client.ask("object-add", args)).error?.desc).toContain("duplicate");
          if (i % 2 === 0) expect(await client.ask("object-del", { id })).toEqual({ return: {} });
        }
      }),
    );
    expect(board.backends.ids()).toHaveLength(2 + 10 * 25);

    board.guestOst(0, 1, 0);
    for (const client of clients) expect((await client.next()).event).toBe("ACPI_DEVICE_OST");
    for (const client of clients) expect(client.lines).toEqual([]);
  });

  test("that vanish, in the middle of a message or of an answer, leave the others and the machine alone", async () => {
    const board = new FakeBoard();
    const { server, path } = await serve(board);
    const witness = await SocketClient.open({ path });
    await addDimm(witness, "d0");
    for (const last of ['{"execute":"device_del","argum', '{"execute":"query-memory-devices"}'.repeat(1000), ""]) {
      const client = await SocketClient.open({ path });
      client.send(last);
      client.socket.destroy();
    }
    await waitFor(() => server.clients === 1);
    expect(await witness.ask("query-memory-size-summary")).toEqual({
      return: { "base-memory": 2048 * MIB, "plugged-memory": 128 * MIB },
    });
    expect(board.listeners).toBe(1);
  });

  test("that end after their commands still get the answers", async () => {
    const { path } = await serve(new FakeBoard());
    const client = await SocketClient.connect({ path, allowHalfOpen: true });
    client.socket.end('{"execute":"qmp_capabilities"}{"execute":"query-name","id":7}');
    await client.closed();
    expect(client.lines).toEqual([{ return: {} }, { return: {}, id: 7 }]);
  });

  test("that only hold a place lose it to one that comes: first those that never negotiated, then the longest silent", async () => {
    const { server, path } = await serve(new FakeBoard(), { maxClients: 64, maxSilenceMs: 0 });
    const spoken = await SocketClient.open({ path });
    const mute = await Promise.all(Array.from({ length: 63 }, () => SocketClient.connect({ path })));
    expect(server.clients).toBe(64);
    for (let i = 0; i < 63; i++) await SocketClient.open({ path });
    await Promise.all(mute.map((client) => client.closed()));
    expect(server.clients).toBe(64);
    await SocketClient.open({ path });
    await spoken.closed();
  });

  test("beyond the number allowed are turned away", async () => {
    const { path } = await serve(new FakeBoard(), { maxClients: 2 });
    const clients = [await SocketClient.open({ path }), await SocketClient.open({ path })];
    await expect(SocketClient.connect({ path })).rejects.toThrow("the connection is closed");
    expect((await clients[0]?.ask("query-name"))?.return).toEqual({});
  });
});

describe("bad input leaves the server alive and the machine as it was", () => {
  const bad: readonly (readonly [name: string, send: string, errorClass: string, desc: string])[] = [
    ["malformed JSON", '{"execute" "x"}', "GenericError", "JSON parse error, missing : in object pair"],
    [
      "an unknown command",
      '{"execute":"blockdev-add"}',
      "CommandNotFound",
      "The command blockdev-add has not been found",
    ],
    [
      "an argument of the wrong type",
      '{"execute":"device_del","arguments":{"id":1}}',
      "GenericError",
      "Invalid parameter type for 'id', expected: string",
    ],
    [
      "an unknown argument",
      '{"execute":"query-name","arguments":{"x":1}}',
      "GenericError",
      "Parameter 'x' is unexpected",
    ],
    [
      "an unknown device",
      '{"execute":"device_del","arguments":{"id":"d9"}}',
      "DeviceNotFound",
      "Device 'd9' not found",
    ],
    ["an unknown object", '{"execute":"object-del","arguments":{"id":"m9"}}', "GenericError", "object 'm9' not found"],
    [
      "an unknown backend",
      '{"execute":"device_add","arguments":{"driver":"pc-dimm","id":"d9","memdev":"m9"}}',
      "DeviceNotFound",
      "Device 'm9' not found",
    ],
    [
      "an id in use",
      '{"execute":"device_add","arguments":{"driver":"pc-dimm","id":"d0","memdev":"m-d0"}}',
      "GenericError",
      "Duplicate device ID 'd0'",
    ],
  ];
  test.each(bad)("%s", async (_, send, errorClass, desc) => {
    const board = new FakeBoard();
    const { path } = await serve(board);
    const client = await SocketClient.open({ path });
    await addDimm(client, "d0");
    const before = [board.memoryDevices(), board.backends.ids()].map((part) => [...part]);
    client.send(send);
    expect(await client.next()).toEqual({ error: { class: errorClass, desc } });
    expect([board.memoryDevices(), board.backends.ids()]).toEqual(before);
    expect(await client.ask("query-name")).toEqual({ return: {} });
  });

  test("half a message waits, without stopping anybody else, and may be finished", async () => {
    const { path } = await serve(new FakeBoard());
    const [slow, other] = [await SocketClient.open({ path }), await SocketClient.open({ path })];
    slow.send('{"execute":"query-');
    expect(await other.ask("query-name")).toEqual({ return: {} });
    slow.send('name","id":1}');
    expect(await slow.next()).toEqual({ return: {}, id: 1 });
  });

  test("100 MB without a newline are refused at 64 MiB, and the client goes on", { timeout: 120_000 }, async () => {
    const board = new FakeBoard();
    const { path } = await serve(board);
    const [client, other] = [await SocketClient.open({ path }), await SocketClient.open({ path })];
    await addDimm(other, "d0");
    const rssBefore = process.memoryUsage().rss;
    client.send('{"execute":"');
    const piece = Buffer.alloc(1_000_000, "a");
    for (let i = 0; i < 100; i++) {
      if (!client.socket.write(piece)) await once(client.socket, "drain");
      if (i % 10 === 0) expect(await other.ask("query-name")).toEqual({ return: {} });
    }
    expect((await client.next()).error?.desc).toBe("JSON token size limit exceeded");
    expect(process.memoryUsage().rss - rssBefore).toBeLessThan(512 * MIB);
    // What is left of the string is a keyword, and FF ends it, as it does in QEMU.
    client.send(Buffer.from([0xff, 0x0a]));
    expect((await client.next()).error?.desc).toContain("JSON parse error, invalid keyword 'aaaa");
    expect((await client.next()).error?.desc).toBe("JSON parse error, stray '\uFFFD'");
    expect((await client.ask("query-memory-size-summary")).return).toMatchObject({ "plugged-memory": 128 * MIB });
  });
});

describe("a client that does not read", () => {
  test("is not answered beyond its socket's buffer until it reads, then gets every answer", async () => {
    const board = new FakeBoard();
    let asked = 0;
    const device = { memdev: "m", addr: 0n, sizeBytes: 0n, slot: 0, node: 0, hotplugged: true, path: "" };
    const devices = Array.from({ length: 10 }, () => device);
    board.memoryDevices = () => {
      asked++;
      return devices;
    };
    const { path } = await serve(board);
    const client = await SocketClient.open({ path });
    client.socket.pause();
    const total = 10_000;
    const command = '{"execute":"query-memory-devices"}';
    for (let i = 0; i < total; i += 1000) client.send(command.repeat(1000));
    // Both sides of the socket fill, then nothing moves.
    for (let before = -1; before !== asked; await sleep(300)) before = asked;
    expect(asked).toBeLessThan(total / 2);
    client.socket.resume();
    for (let i = 0; i < total; i++) await client.next();
    expect(asked).toBe(total);
    expect(client.lines).toEqual([]);
  });

  test("is cut off when too many events wait for it; the others lose none", async () => {
    const board = new FakeBoard();
    const { server, path } = await serve(board, { maxBacklogBytes: MIB });
    const [deaf, other] = [await SocketClient.open({ path }), await SocketClient.open({ path })];
    deaf.socket.pause();
    let sent = 0;
    while (server.clients === 2) {
      for (let i = 0; i < 100; i++) board.guestOst(0, 1, sent++);
      await sleep(1);
    }
    expect(sent).toBeLessThan(100_000);
    for (let i = 0; i < sent; i++) expect((await other.next()).data).toMatchObject({ info: { status: i } });
  });
});

describe("addresses", () => {
  const refused = (address: QmpAddress): Promise<unknown> =>
    serveQmp(new FakeBoard(), address).then(
      () => "it listens",
      (error: unknown) => (error instanceof QmpServerError ? error.code : error),
    );

  test.each(["0.0.0.0", "::", "192.168.1.1", "example.org", "", "127.0.0.1.example.org"])(
    "TCP on %s is refused",
    async (host) => {
      expect(await refused({ port: 0, host })).toBe("not_loopback");
    },
  );

  test.each([undefined, "localhost", "127.0.0.2"])("TCP on %s is loopback", async (host) => {
    const server = await serveQmp(new FakeBoard(), { port: 0, ...(host !== undefined && { host }) });
    onTestFinished(() => server.close());
    if (!("port" in server.address)) throw new Error("no port");
    expect(server.address.port).toBeGreaterThan(0);
    const client = await SocketClient.open({ port: server.address.port, host: server.address.host });
    expect(await client.ask("query-name")).toEqual({ return: {} });
    expect(await refused(server.address)).toBe("address_in_use");
  });

  test("a socket file goes when the server closes", async () => {
    const { server, path } = await serve(new FakeBoard());
    expect(existsSync(path)).toBe(true);
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  test("a socket file of a server that died is replaced", async () => {
    const path = temporarySocket();
    const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", script]);
    expect(existsSync(path)).toBe(true);
    const server = await serveQmp(new FakeBoard(), { path });
    onTestFinished(() => server.close());
    expect(await (await SocketClient.open({ path })).ask("query-name")).toEqual({ return: {} });
  });

  test("a socket file of a server that lives is left alone", async () => {
    const { path } = await serve(new FakeBoard());
    expect(await refused({ path })).toBe("address_in_use");
    expect(await (await SocketClient.open({ path })).ask("query-name")).toEqual({ return: {} });
  });

  test("a file that is no socket is left alone", async () => {
    const path = temporarySocket();
    writeFileSync(path, "mine");
    expect(await refused({ path })).toBe("not_a_socket");
    expect(existsSync(path)).toBe(true);
  });

  test("a path that no socket can have is the caller's error, and nothing is made under a shorter one", async () => {
    const path = `${temporarySocket()}${"x".repeat(100)}`;
    expect(await refused({ path })).toBe("path_too_long");
    expect(existsSync(path.slice(0, 107))).toBe(false);
  });

  test("whether one could listen is told beforehand, and leaves nothing behind", async () => {
    const path = temporarySocket();
    await assertListenable({ path });
    expect(existsSync(path)).toBe(false);
    await assertListenable({ port: 0 });
    await expect(assertListenable({ path: "/nowhere/at/all" })).rejects.toThrow("/nowhere/at/all: no such folder");
  });

  test("a folder that is not there is the caller's error", async () => {
    expect(await refused({ path: "/nowhere/at/all" })).toBe("no_such_folder");
    expect(await refused({ path: "/etc/passwd/monitor" })).toBe("no_such_folder");
  });
});

describe("the end", () => {
  test("close ends every session, even of a client that neither reads nor leaves", async () => {
    const board = new FakeBoard();
    const { server, path } = await serve(board);
    const polite = await SocketClient.open({ path });
    const stubborn = connect({ path, allowHalfOpen: true });
    await once(stubborn, "connect");
    onTestFinished(() => void stubborn.destroy());
    await waitFor(() => server.clients === 2);
    await Promise.all([server.close(), server.close(), server.closed]);
    await polite.closed();
    expect(server.clients).toBe(0);
    expect(board.listeners).toBe(0);
    expect(board.quits).toBe(0);
  });

  test("quit by one client is told to all, ends the machine once, and closes the server", async () => {
    const board = new FakeBoard();
    const { server, path } = await serve(board);
    const [a, b] = [await SocketClient.open({ path }), await SocketClient.open({ path })];
    expect((await a.ask("quit")).event).toBe("SHUTDOWN");
    expect(await a.next()).toEqual({ return: {} });
    expect(await b.next()).toMatchObject({ event: "SHUTDOWN", data: { guest: false, reason: "host-qmp-quit" } });
    await server.closed;
    expect(board.quits).toBe(1);
    expect(existsSync(path)).toBe(false);
  });
});
