import { describe, expect, test, vi } from "vitest";
import {
  createQmpDispatcher,
  createQmpSession,
  OK,
  type QmpDispatcher,
  type QmpResult,
  qmpEventsOf,
  type QmpSession,
} from "../src/index.ts";
import { FakeBoard } from "./fake-board.ts";

const MIB = 1024 * 1024;

interface TestClient {
  readonly session: QmpSession;
  readonly lines: string[];
  /** Sends a command and takes the lines that came since. */
  ask(execute: string, args?: object): unknown[];
  take(): unknown[];
}

function connect(board: FakeBoard, dispatcher: QmpDispatcher = createQmpDispatcher(board)): TestClient {
  const lines: string[] = [];
  const session = createQmpSession(board, { send: (line) => void lines.push(line), dispatcher });
  const take = (): unknown[] => lines.splice(0).map((line) => JSON.parse(line) as unknown);
  const ask = (execute: string, args?: object): unknown[] => {
    session.receive(JSON.stringify({ execute, arguments: args ?? {} }));
    return take();
  };
  return { session, lines, ask, take };
}

function negotiated(board: FakeBoard, dispatcher?: QmpDispatcher): TestClient {
  const client = connect(board, dispatcher);
  client.ask("qmp_capabilities");
  return client;
}

function addDimm(client: TestClient, id: string, sizeBytes = 128 * MIB): unknown[] {
  return [
    ...client.ask("object-add", { "qom-type": "memory-backend-ram", id: `mem-${id}`, size: sizeBytes }),
    ...client.ask("device_add", { driver: "pc-dimm", id, memdev: `mem-${id}` }),
  ];
}

describe("the life of a DIMM", () => {
  test("from its backend to DEVICE_DELETED, as the traces show it", () => {
    const board = new FakeBoard();
    const client = negotiated(board);
    expect(addDimm(client, "d0", 512 * MIB)).toEqual([{ return: {} }, { return: {} }]);

    board.atNs = 1_234_567_890;
    board.guestOst(0, 1, 0);
    expect(client.take()).toEqual([
      {
        timestamp: { seconds: 1, microseconds: 234567 },
        event: "ACPI_DEVICE_OST",
        data: { info: { device: "d0", source: 1, status: 0, slot: "0", "slot-type": "DIMM" } },
      },
    ]);
    expect(client.ask("query-memory-devices")).toEqual([
      {
        return: [
          {
            type: "dimm",
            data: {
              memdev: "/objects/mem-d0",
              hotplugged: true,
              addr: 4294967296,
              hotpluggable: true,
              size: 536870912,
              slot: 0,
              node: 0,
              id: "d0",
            },
          },
        ],
      },
    ]);

    expect(client.ask("device_del", { id: "d0" })).toEqual([{ return: {} }]);
    board.guestOst(0, 3, 132);
    board.guestEject("d0");
    board.guestOst(0, 3, 0);
    expect(client.take()).toMatchObject([
      { event: "ACPI_DEVICE_OST", data: { info: { device: "d0", source: 3, status: 132 } } },
      { event: "DEVICE_DELETED", data: { device: "d0", path: "/machine/peripheral/d0" } },
      { event: "ACPI_DEVICE_OST", data: { info: { source: 3, status: 0, slot: "0", "slot-type": "DIMM" } } },
    ]);
    expect(client.ask("object-del", { id: "mem-d0" })).toEqual([{ return: {} }]);
    expect(client.ask("device_del", { id: "d0" })).toEqual([
      { error: { class: "DeviceNotFound", desc: "Device 'd0' not found" } },
    ]);
  });
});

describe("events", () => {
  test("go to every client that has negotiated, and to no other", () => {
    const board = new FakeBoard();
    const dispatcher = createQmpDispatcher(board);
    const [a, b, silent] = [negotiated(board, dispatcher), negotiated(board, dispatcher), connect(board, dispatcher)];
    silent.take();
    board.guestOst(2, 3, 128);
    expect([a, b, silent].map((client) => client.take().length)).toEqual([1, 1, 0]);
  });

  test("of a command that still runs come after its answer", () => {
    class EagerBoard extends FakeBoard {
      override deviceAdd(dimm: Parameters<FakeBoard["deviceAdd"]>[0]): QmpResult {
        const result = super.deviceAdd(dimm);
        this.guestOst(0, 1, 0);
        return result;
      }
    }
    const client = negotiated(new EagerBoard());
    expect(addDimm(client, "d0")).toMatchObject([{ return: {} }, { return: {} }, { event: "ACPI_DEVICE_OST" }]);
  });

  test("are asked for only while there is a client", () => {
    const board = new FakeBoard();
    const dispatcher = createQmpDispatcher(board);
    const clients = [connect(board, dispatcher), connect(board, dispatcher)];
    expect(board.listeners).toBe(1);
    for (const { session } of clients) session.close();
    expect(board.listeners).toBe(0);
  });

  test("of the machine's stream are told in QEMU's words", () => {
    const place = { atNs: 5, node: -1, seq: 0 };
    expect(qmpEventsOf({ type: "acpi_ost", device: "d0", slot: 3, source: 1, status: 0, ...place })).toEqual([
      {
        event: "ACPI_DEVICE_OST",
        atNs: 5,
        info: { device: "d0", slot: 3, slotType: "DIMM", source: 1, status: 0 },
      },
    ]);
    const path = "/machine/peripheral/d0";
    const deleted = { event: "DEVICE_DELETED", atNs: 5, device: "d0", path } as const;
    expect(qmpEventsOf({ type: "device_deleted", device: "d0", ...place })).toEqual([deleted]);
    expect(qmpEventsOf({ type: "device_deleted", device: "d0", of: "virtio-mem", ...place })).toEqual([
      { event: "DEVICE_DELETED", atNs: 5, path: `${path}/virtio-backend` },
      deleted,
    ]);
    const refused = { event: "DEVICE_UNPLUG_GUEST_ERROR", atNs: 5, device: "d0", path } as const;
    const msg = "Memory hotunplug rejected by the guest for device d0";
    expect(qmpEventsOf({ type: "unplug_refused", device: "d0", ...place })).toEqual([refused, refused]);
    expect(qmpEventsOf({ type: "unplug_refused", device: "d0", memUnplugError: true, ...place })).toEqual([
      { event: "MEM_UNPLUG_ERROR", atNs: 5, device: "d0", msg },
      refused,
      refused,
    ]);
    expect(qmpEventsOf({ type: "acpi_notify", device: "d0", value: 3, ...place })).toEqual([]);
    expect(qmpEventsOf({ type: "acpi_ost", device: "c0", source: 3, status: 0, ...place })).toEqual([]);
    expect(qmpEventsOf({ type: "device_deleted", device: "c0", of: "container", ...place })).toEqual([]);
  });

  test("of other kinds have QEMU's members", () => {
    const board = new FakeBoard();
    const client = negotiated(board);
    board.emit({ event: "MEM_UNPLUG_ERROR", atNs: 0, device: "d0", msg: "no" });
    board.emit({ event: "DEVICE_UNPLUG_GUEST_ERROR", atNs: 0, path: "/machine/peripheral/d0" });
    expect(client.take()).toMatchObject([
      { data: { device: "d0", msg: "no" } },
      { data: { path: "/machine/peripheral/d0" } },
    ]);
  });
});

/** A board whose answers wait until they are let go. */
class SlowBoard extends FakeBoard {
  readonly waiting: (() => void)[] = [];
  readonly log: string[] = [];

  override deviceDel(): never {
    throw new Error("not asked for");
  }

  override objectAdd(backend: { id: string; sizeBytes: bigint }): QmpResult {
    const answer = new Promise<QmpResult>((resolve) => {
      this.log.push(`start ${backend.id}`);
      this.waiting.push(() => {
        this.log.push(`end ${backend.id}`);
        resolve(OK);
      });
    });
    // FakeBoard answers at once; the port may as well answer with a promise.
    return answer as unknown as QmpResult;
  }

  async release(): Promise<void> {
    this.waiting.shift()?.();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

describe("a machine that takes time", () => {
  const add = (id: string): string =>
    JSON.stringify({ execute: "object-add", arguments: { "qom-type": "memory-backend-ram", id, size: 4096 }, id });

  test("is asked one thing at a time, whoever asks", async () => {
    const board = new SlowBoard();
    const dispatcher = createQmpDispatcher(board);
    const [a, b] = [negotiated(board, dispatcher), negotiated(board, dispatcher)];
    a.session.receive(add("a1") + add("a2"));
    b.session.receive(add("b1"));
    expect(board.log).toEqual(["start a1"]);
    await board.release();
    await board.release();
    await board.release();
    expect(board.log).toEqual(["start a1", "end a1", "start b1", "end b1", "start a2", "end a2"]);
    expect(a.take()).toEqual([
      { return: {}, id: "a1" },
      { return: {}, id: "a2" },
    ]);
    expect(b.take()).toEqual([{ return: {}, id: "b1" }]);
  });

  test("makes the session say that it has enough, and when it is ready", async () => {
    const board = new SlowBoard();
    const ready = vi.fn<() => void>();
    const lines: string[] = [];
    const session = createQmpSession(board, { send: (line) => void lines.push(line), ready });
    expect(session.receive('{"execute":"qmp_capabilities"}')).toBe(true);
    expect(session.receive(add("m0"))).toBe(false);
    expect(session.receive('{"execute":"query-name","id":1}')).toBe(false);
    expect(ready).not.toHaveBeenCalled();
    await board.release();
    expect(ready).toHaveBeenCalledOnce();
    expect(lines.slice(2)).toEqual(['{"return": {}, "id": "m0"}\r\n', '{"return": {}, "id": 1}\r\n']);
  });

  test("holds up nobody's question to the monitor itself, nor its end", () => {
    const board = new SlowBoard();
    const dispatcher = createQmpDispatcher(board);
    const [a, b] = [negotiated(board, dispatcher), negotiated(board, dispatcher)];
    a.session.receive(add("a1"));
    expect(b.ask("query-status")).toMatchObject([{ return: { status: "prelaunch" } }]);
    expect(b.ask("query-version")).toHaveLength(1);
    expect(b.ask("quit")).toMatchObject([{ event: "SHUTDOWN" }, { return: {} }]);
    expect(a.take()).toMatchObject([{ event: "SHUTDOWN" }]);
    expect(board.quits).toBe(1);
  });

  test("goes on when its client has left", async () => {
    const board = new SlowBoard();
    const dispatcher = createQmpDispatcher(board);
    const [a, b] = [negotiated(board, dispatcher), negotiated(board, dispatcher)];
    a.session.receive(add("a1") + add("a2"));
    a.session.close();
    b.session.receive(add("b1"));
    await board.release();
    await board.release();
    expect(board.log).toEqual(["start a1", "end a1", "start b1", "end b1"]);
    expect(a.take()).toEqual([]);
    expect(b.take()).toHaveLength(1);
  });
});

test("a client that does not take its answers is not read from", () => {
  let open = false;
  const lines: string[] = [];
  const session = createQmpSession(new FakeBoard(), { send: (line) => (lines.push(line), open) });
  const command = (id: number): string => JSON.stringify({ execute: "qmp_capabilities", id });
  expect(session.receive(command(1) + command(2))).toBe(false);
  expect(lines).toHaveLength(1);
  session.drained();
  expect(lines).toHaveLength(2);
  open = true;
  session.drained();
  expect(lines).toHaveLength(3);
  expect(session.receive(command(3))).toBe(true);
});

test("a client may send its next command from within the answer to the last", () => {
  const lines: string[] = [];
  const session = createQmpSession(new FakeBoard(), {
    send: (line) => {
      lines.push(line);
      if (lines.length > 1 && lines.length < 1000) session.receive('{"execute":"query-name"}');
    },
  });
  session.receive('{"execute":"qmp_capabilities"}');
  expect(lines).toHaveLength(1000);
});

test("a machine that throws is a bug: it is reported, and the client still gets one answer", async () => {
  class BrokenBoard extends FakeBoard {
    override memoryDevices(): never {
      throw new Error("broken");
    }
    override ospmStatus(): never {
      return Promise.reject(new Error("broken later")) as never;
    }
  }
  const bugs: unknown[] = [];
  const lines: string[] = [];
  const session = createQmpSession(new BrokenBoard(), {
    send: (line) => void lines.push(line),
    onBug: (bug) => bugs.push(bug),
  });
  session.receive(
    '{"execute":"qmp_capabilities"}{"execute":"query-memory-devices"}{"execute":"query-acpi-ospm-status"}',
  );
  await new Promise((resolve) => setTimeout(resolve));
  session.receive('{"execute":"query-name"}');
  expect(bugs).toEqual([new Error("broken"), new Error("broken later")]);
  expect(lines.slice(2)).toEqual([
    '{"error": {"class": "GenericError", "desc": "memhp: internal error: broken"}}\r\n',
    '{"error": {"class": "GenericError", "desc": "memhp: internal error: broken later"}}\r\n',
    '{"return": {}}\r\n',
  ]);
});

test("a client whose `send` throws harms no other", () => {
  const board = new FakeBoard();
  const dispatcher = createQmpDispatcher(board);
  const other = negotiated(board, dispatcher);
  let broken = false;
  const session = createQmpSession(board, {
    send: () => {
      if (broken) throw new Error("broken pipe");
    },
    dispatcher,
  });
  broken = true;
  expect(() => session.receive('{"execute":"qmp_capabilities"}')).toThrow("broken pipe");
  expect(other.ask("query-name")).toEqual([{ return: {} }]);
});

test("quit ends every client's session, and the machine once", () => {
  const board = new FakeBoard();
  const dispatcher = createQmpDispatcher(board);
  const end = vi.fn<() => void>();
  const others = [negotiated(board, dispatcher), connect(board, dispatcher)];
  const lines: string[] = [];
  const session = createQmpSession(board, { send: (line) => void lines.push(line), dispatcher, end });
  session.receive('{"execute":"qmp_capabilities"}');
  others[1]?.take();
  session.receive('{"execute":"quit"}{"execute":"query-name"}');
  expect(lines.slice(2).map((line) => Object.keys(JSON.parse(line) as object))).toEqual([
    ["timestamp", "event", "data"],
    ["return"],
  ]);
  expect(others.map((client) => client.take().length)).toEqual([1, 0]);
  expect(end).toHaveBeenCalledOnce();
  expect(board.quits).toBe(1);
  expect(others[0]?.ask("query-name")).toEqual([]);
});
