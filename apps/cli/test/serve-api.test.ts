import { request } from "node:http";
import { bootMachine, type Machine, parseMachineSpec } from "@memhp/machine";
import { readDocument, runDocument, stateView } from "@memhp/scenario";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { EventFeed, type Viewer } from "../src/serve/api/event-feed.ts";
import { apiListener, type ApiOptions, serveEvents } from "../src/serve/api/machine-server.ts";
import { MachineRoom } from "../src/serve/api/machine-room.ts";
import { ServedMachine } from "../src/serve/api/served-machine.ts";
import { ServedTerminal } from "../src/serve/api/terminal.ts";
import { type LoopbackServer, serveLoopback } from "../src/serve/loopback.ts";
import { Tally } from "../src/serve/tally.ts";
import { nodeHost } from "../src/node-host.ts";
import { memhp } from "./test-host.ts";

const scenario = {
  format: "memhp-scenario/1",
  name: "served",
  kernel: "6.12",
  machine: { nodes: { count: 2, memory: "1G" }, dimms: { per_node: 1, size: "512M" } },
  steps: [{ op: "online", blocks: "node:0 & offline", type: "movable" }],
};

let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  close = undefined;
});

async function served(token?: string): Promise<LoopbackServer & { room: MachineRoom }> {
  const room = new MachineRoom(nodeHost());
  const options: ApiOptions = {
    room,
    version: "0.0.0",
    pages: (_request, response) => response.end("page"),
    ...(token === undefined ? {} : { token }),
  };
  const server: LoopbackServer = await serveLoopback(
    0,
    apiListener(options, () => server),
  );
  const endEvents = serveEvents(options, server);
  close = async () => {
    endEvents();
    await server.close();
    await room.close();
  };
  return { ...server, room };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: Body;
}

/** What an answer or a message may hold. */
interface Body {
  readonly error?: string;
  readonly steps?: readonly unknown[];
  readonly state?: unknown;
  readonly paths?: Record<
    string,
    { post?: { requestBody: { content: Record<string, { schema: { oneOf: unknown[] } }> } } }
  >;
}

interface Message {
  readonly type: "snapshot" | "events" | "answer" | "error" | "printed" | "candidates";
  readonly prompt?: string;
  readonly texts?: readonly { readonly kind: string; readonly text: string }[];
  readonly candidates?: readonly string[];
  readonly seq: number;
  readonly missed: number;
  readonly id?: unknown;
  readonly status?: number;
  readonly step?: unknown;
  readonly events?: readonly { readonly block?: number }[];
  readonly state?: unknown;
}

function ask(
  to: LoopbackServer,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const call = request(
      { host: "127.0.0.1", port: to.port, method, path: `/api/v1${path}`, headers: { ...type, ...headers } },
      (response) => {
        let text = "";
        response.on("data", (piece: Buffer) => (text += piece.toString()));
        response.on("end", () => {
          const isJson = (response.headers["content-type"] ?? "").startsWith("application/json");
          resolve({ status: response.statusCode ?? 0, text, json: isJson ? (JSON.parse(text) as Body) : {} });
        });
      },
    );
    call.on("error", reject);
    call.end(typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body));
  });
}

/** A viewer over the wire; `next` is its next message. */
function view(
  to: LoopbackServer,
  id: string,
  options: { token?: string; origin?: string; host?: string; query?: string } = {},
) {
  const protocols = ["memhp.v1", ...(options.token === undefined ? [] : [`memhp.token.${options.token}`])];
  const socket = new WebSocket(
    `ws://127.0.0.1:${to.port}/api/v1/machines/${id}/events${options.query ?? ""}`,
    protocols,
    {
      ...(options.origin === undefined ? {} : { origin: options.origin }),
      ...(options.host === undefined ? {} : { headers: { host: options.host } }),
    },
  );
  const heard: Message[] = [];
  const waiting: ((message: Message) => void)[] = [];
  socket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message;
    const wait = waiting.shift();
    if (wait === undefined) heard.push(message);
    else wait(message);
  });
  const refused = new Promise<number>((resolve) => {
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
    socket.on("error", () => {});
  });
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  const next = (): Promise<Message> => {
    const first = heard.shift();
    return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first);
  };
  return { socket, next, refused, closed };
}

test("a machine is booted, acted on, read, and saved as a scenario that gives the same machine", async () => {
  const to = await served();
  const booted = await ask(to, "POST", "/machines?workers=2", scenario);
  expect(booted).toMatchObject({ status: 201, json: { id: "m0", name: "served", kernel: "6.12" } });
  const step = await ask(to, "POST", "/machines/m0/steps", { op: "dimm_del", id: "dimm1" });
  expect(step.status).toBe(200);
  await ask(to, "POST", "/machines/m0/steps", { op: "online", blocks: "offline", type: "movable" });
  const state = "/machines/m0/files?path=/sys/devices/system/memory/memory32/state";
  expect(await ask(to, "GET", state)).toMatchObject({ status: 200, text: "online\n" });
  const saved = await ask(to, "GET", "/machines/m0/scenario");
  expect(saved.json.steps).toHaveLength(3);
  const again = await runDocument(readDocument(saved.json, "saved"));
  expect((await ask(to, "GET", "/machines/m0")).json.state).toEqual(JSON.parse(JSON.stringify(again.trace.final)));
  expect(again.trace.steps[1]).toEqual({ ...step.json });
  expect(await ask(to, "DELETE", "/machines/m0")).toMatchObject({ status: 204 });
  expect(await ask(to, "GET", "/machines/m0")).toMatchObject({ status: 404 });
});

test("every operation and every path is described", async () => {
  const to = await served();
  const described = (await ask(to, "GET", "/openapi.json")).json;
  expect(Object.keys(described.paths ?? {})).toContain("/api/v1/machines/{id}/events");
  const listed = (await ask(to, "GET", "/operations")).json as unknown as readonly { op: string }[];
  const ops = listed.map(({ op }) => op);
  expect(ops).toContain("dimm_add");
  const steps = described.paths?.["/api/v1/machines/{id}/steps"]?.post?.requestBody.content["application/json"];
  expect(steps?.schema.oneOf).toHaveLength(ops.length);
});

test("bad input is said with its place, and changes nothing", async () => {
  const to = await served();
  await ask(to, "POST", "/machines", scenario);
  const cases: [string, string, unknown, number, RegExp][] = [
    ["POST", "/machines", "{", 400, /no JSON/],
    ["POST", "/machines", { format: "x" }, 400, /format: "x" is not known/],
    ["POST", "/machines?workers=99", scenario, 400, /workers: expected 0\.\.64/],
    ["POST", "/machines/m0/steps", { op: "offline" }, 400, /blocks/],
    ["POST", "/machines/m0/steps", [], 400, /object with an op/],
    ["POST", "/machines/m0/steps", { op: "offline", blocks: "999" }, 400, /block 999 does not exist/],
    ["GET", "/machines/m0/files?path=sys", undefined, 400, /absolute path/],
    ["GET", "/machines/m0/files?path=/sys/nope", undefined, 404, /ENOENT/],
    ["GET", "/machines/..%2f", undefined, 404, /no machine/],
    ["PATCH", "/machines/m0", undefined, 404, /no PATCH/],
    ["POST", "/machines", `"${"x".repeat(9 * 2 ** 20)}"`, 413, /at most/],
  ];
  const before = (await ask(to, "GET", "/machines/m0")).text;
  for (const [method, path, body, status, what] of cases) {
    const answer = await ask(to, method, path, body);
    expect([method, path, answer.status]).toEqual([method, path, status]);
    expect(answer.json.error).toMatch(what);
  }
  expect((await ask(to, "GET", "/machines/m0")).text).toBe(before);
});

test("pages of elsewhere, and whoever lacks the token, are refused over HTTP and as viewers", async () => {
  const open = await served();
  await ask(open, "POST", "/machines", scenario);
  expect((await ask(open, "GET", "/", undefined, { origin: "http://evil.example" })).status).toBe(403);
  expect((await ask(open, "GET", "/", undefined, { "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await ask(open, "GET", "/", undefined, { origin: `http://localhost:${open.port}` })).status).toBe(200);
  expect(await view(open, "m0", { origin: "http://evil.example" }).refused).toBe(403);
  // A name of elsewhere that points here (DNS rebinding), as a request and as a viewer.
  expect((await ask(open, "GET", "/", undefined, { host: "evil.example" })).status).toBe(421);
  expect(await view(open, "m0", { host: `evil.example:${open.port}` }).refused).toBe(421);
  expect(open.tally.counts).toMatchObject({ origin: 3, host: 2, token: 0 });
  await close?.();
  const token = "0123456789abcdef";
  const closed = await served(token);
  for (const authorization of ["", "Bearer x", `Bearer ${token}x`])
    expect((await ask(closed, "GET", "/", undefined, { authorization })).status).toBe(401);
  const bearer = { authorization: `Bearer ${token}` };
  expect((await ask(closed, "POST", "/machines", scenario, bearer)).status).toBe(201);
  expect(await view(closed, "m0").refused).toBe(401);
  expect((await ask(closed, "GET", "/", undefined, bearer)).json).toMatchObject({ turned_away: { token: 4 } });
  expect(await view(closed, "m0", { token }).next()).toMatchObject({ type: "snapshot", id: "m0" });
});

test("ten viewers and one that comes late hear the same, and may act", async () => {
  const to = await served();
  await ask(to, "POST", "/machines", scenario);
  const early = Array.from({ length: 10 }, () => view(to, "m0"));
  const snapshots = await Promise.all(early.map(({ next }) => next()));
  expect(new Set(snapshots.map((each) => JSON.stringify(each))).size).toBe(1);
  early[0]?.socket.send(
    JSON.stringify({ type: "step", id: 7, step: { op: "online", blocks: "offline", type: "movable" } }),
  );
  const told = await Promise.all(early.slice(1).map(({ next }) => next()));
  expect(told[0]).toMatchObject({ type: "events", seq: snapshots[0]?.seq });
  expect(new Set(told.map((each) => JSON.stringify(each))).size).toBe(1);
  const own = [await early[0]?.next(), await early[0]?.next()];
  expect(own.find((each) => each?.type === "answer")).toMatchObject({ id: 7, step: { result: { refused: [] } } });
  const late = await view(to, "m0").next();
  expect(late.seq).toBe((told[0]?.seq ?? 0) + (told[0]?.events?.length ?? 0));
  const state = (await ask(to, "GET", "/machines/m0")).json.state;
  expect(late.state).toEqual(state);
  const inRuns = (await view(to, "m0", { query: "?blocks=runs" }).next()).state as State;
  expect(Object.keys(inRuns.blocks).length).toBeLessThan(Object.keys((state as State).blocks).length / 2);
  expect({ ...inRuns, blocks: eachOf(inRuns.blocks) }).toEqual(state);
  expect((await ask(to, "GET", "/machines/m0?blocks=runs")).json.state).toEqual(inRuns);
  expect(await ask(to, "GET", "/machines/m0?blocks=some")).toMatchObject({
    status: 400,
    json: { error: 'blocks: expected each or runs, found "some"' },
  });
  expect(await view(to, "m0", { query: "?blocks=some" }).refused).toBe(400);
});

interface State {
  readonly blocks: Readonly<Record<string, unknown>>;
}

/** Runs of blocks as the blocks that they are. */
function eachOf(runs: State["blocks"]): Record<string, unknown> {
  const each: Record<string, unknown> = {};
  for (const [run, value] of Object.entries(runs)) {
    const [first = 0, last = first] = run.split("-").map(Number);
    for (let block = first; block <= last; block++) each[block] = value;
  }
  return each;
}

test("a machine that is taken down takes its viewers' sockets along, and its number does not come back", async () => {
  const to = await served();
  await ask(to, "POST", "/machines", scenario);
  const viewer = view(to, "m0");
  await viewer.next();
  await ask(to, "DELETE", "/machines/m0");
  expect(await viewer.closed).toBe(1001);
  expect(await view(to, "m0").refused).toBe(404);
  expect((await ask(to, "POST", "/machines", scenario)).json).toMatchObject({ id: "m1" });
});

test("messages that are no steps are answered, those too large end the viewer, and the machine goes on", async () => {
  const to = await served();
  await ask(to, "POST", "/machines", scenario);
  const viewer = view(to, "m0");
  await viewer.next();
  for (const text of ["{", "[]", '{"type":"x"}', '{"type":"step","id":1,"step":{"op":"x"}}']) viewer.socket.send(text);
  const answers = [await viewer.next(), await viewer.next(), await viewer.next(), await viewer.next()];
  expect(answers.map(({ type, status, id }) => [type, status, id])).toEqual([
    ["error", 400, null],
    ["error", 400, null],
    ["error", 400, null],
    ["error", 400, 1],
  ]);
  viewer.socket.send("x".repeat(70_000));
  expect(await viewer.closed).toBe(1009);
  const binary = view(to, "m0");
  await binary.next();
  binary.socket.send(Buffer.from("{}"));
  expect(await binary.closed).toBe(1003);
  expect(to.tally.counts).toMatchObject({ malformed: 5, too_large: 1 });
  expect((await ask(to, "POST", "/machines/m0/steps", { op: "read", path: "/proc/meminfo" })).status).toBe(200);
});

test("a slow viewer gets one snapshot for all that it missed, and keeps nobody waiting", async () => {
  const machine = await small();
  const feed = new EventFeed(new ServedMachine({ id: "m0", name: "", machine, owned: false }), new Tally());
  const slow = recorder();
  const quick = recorder();
  feed.add(slow);
  feed.add(quick);
  slow.bufferedAmount = 2 ** 30;
  for (const block of [32, 33]) {
    await machine.online(block, "movable");
    await quick.heard(({ type, events }) => type === "events" && events?.some((each) => each.block === block) === true);
  }
  expect(slow.messages).toHaveLength(1);
  slow.bufferedAmount = 0;
  const caughtUp = await slow.heard(({ missed }) => missed > 0);
  const seen = quick.messages.flatMap((each) => each.events ?? []).length;
  expect(caughtUp).toMatchObject({ type: "snapshot", missed: seen, seq: seen });
  expect(caughtUp.state).toEqual(JSON.parse(JSON.stringify(stateView(machine))));
  feed.close();
  await machine.close();
});

test("lines typed at a machine act on it as steps, complete from its files, and have a directory of their own", async () => {
  const to = await served();
  await ask(to, "POST", "/machines", scenario);
  const [one, other] = [view(to, "m0"), view(to, "m0")];
  await Promise.all([one.next(), other.next()]);
  let number = 0;
  /** The answer; what happens meanwhile is told besides. */
  const say = async (to: typeof one, message: object): Promise<Message> => {
    const id = ++number;
    to.socket.send(JSON.stringify({ ...message, id }));
    for (;;) {
      const heard = await to.next();
      if (heard.id === id) return heard;
    }
  };
  const typed = (line: string): Promise<Message> => say(one, { type: "line", line });
  expect(await typed("cd memory36")).toMatchObject({ type: "printed", prompt: expect.stringContaining("/memory36# ") });
  expect(await typed("echo online_movable > state")).toMatchObject({ texts: [] });
  expect(await say(other, { type: "line", line: "cat memory36/state" })).toMatchObject({
    prompt: expect.stringContaining("/memory# "),
    texts: [{ kind: "printed", text: "online\n" }],
  });
  expect(await typed("echo nonsense > state")).toMatchObject({
    texts: [{ kind: "wrong", text: expect.stringContaining("write error: Invalid argument") }],
  });
  expect(await say(one, { type: "complete", line: "cat sta" })).toMatchObject({
    candidates: [expect.stringMatching(/^state ?$/)],
  });
  expect(await typed("dimm_del dimm1")).toMatchObject({
    texts: [{ kind: "wrong", text: "dimm_del: refused by the machine: Device 'dimm1' not found\n" }],
  });
  expect((await say(one, { type: "line" })).type).toBe("error");
  expect((await ask(to, "GET", "/machines/m0/scenario")).json.steps).toHaveLength(4);
});

test("who types at a machine that is under way by itself is told so, and can look at its files", async () => {
  const machine = await small();
  const watched = new ServedMachine({ id: "m0", name: "", machine, owned: false, watchOnly: true });
  const terminal = new ServedTerminal(watched);
  expect(await terminal.line("cat memory32/state")).toMatchObject({ texts: [{ kind: "printed", text: "offline\n" }] });
  for (const line of ["echo online > memory32/state", "dimm_del dimm0"])
    expect(await terminal.line(line)).toMatchObject({
      texts: [{ kind: "wrong", text: "this machine is under way by itself: it can be watched\n" }],
    });
  terminal.close();
  await machine.close();
});

test("a viewer that reads no more is dropped and counted, and those that read hear all", async () => {
  const machine = await small();
  const tally = new Tally();
  const feed = new EventFeed(new ServedMachine({ id: "m0", name: "", machine, owned: false }), tally, { stallMs: 60 });
  const [stuck, quick] = [recorder(), recorder()];
  let isDropped = (): void => {};
  const dropped = new Promise<void>((resolve) => (isDropped = resolve));
  stuck.terminate = () => isDropped();
  feed.add(stuck);
  feed.add(quick);
  stuck.bufferedAmount = 2 ** 30;
  await machine.online(32, "movable");
  await dropped;
  await quick.heard(({ events }) => events?.some(({ block }) => block === 32) === true);
  expect([feed.viewers, tally.counts.stalled]).toEqual([1, 1]);
  feed.close();
  await machine.close();
});

test("a machine that runs by itself can be watched only", async () => {
  const machine = await small();
  const watched = new ServedMachine({ id: "m0", name: "", machine, owned: false, watchOnly: true });
  await expect(watched.perform({ op: "online", blocks: "offline" })).rejects.toMatchObject({ status: 409 });
  await watched.close();
  expect(machine.blockView(32)?.state).toBe("offline");
  await machine.close();
});

test("a run, a shell and a mount say where they can be seen; another address wants a token", async () => {
  const files = { "s.json": JSON.stringify(scenario) };
  const ran = await memhp(["run", "--quiet", "--serve=0", "s.json"], { files });
  expect([ran.exitCode, ran.stderr]).toEqual([
    0,
    expect.stringMatching(/^console: http:\/\/127\.0\.0\.1:\d+\/#attach=m0\n$/),
  ]);
  const shown = await memhp(["run", "--quiet", "--serve=0", "--host=127.0.0.1", "s.json"], { files });
  expect(shown.stderr).toMatch(/token: [\w-]{32}\n/);
  for (const [args, what] of [
    [["--host=127.0.0.1"], "--host: goes with --serve"],
    [["--serve=0", "--token=short"], "--token: expected at least 16 characters, found 5"],
    [["--serve=0", "--host=192.0.2.1"], "--host: 192.0.2.1 is no address of this computer"],
    [["--serve=70000"], "--serve: expected a whole number of 0..65535"],
  ] as const)
    expect((await memhp(["run", ...args, "s.json"], { files })).stderr).toContain(what);
});

function small(): Promise<Machine> {
  const nodes = { count: 1, memory: "1G" };
  return bootMachine(parseMachineSpec({ nodes, dimms: { per_node: 1, size: "256M" } }), { kernel: "6.12" });
}

function recorder() {
  const messages: Message[] = [];
  const waiting: { wanted: (message: Message) => boolean; tell: (message: Message) => void }[] = [];
  const viewer: Viewer & { bufferedAmount: number } = {
    bufferedAmount: 0,
    close() {},
    terminate() {},
    send(text) {
      const message = JSON.parse(text) as Message;
      messages.push(message);
      for (const wait of waiting) if (wait.wanted(message)) wait.tell(message);
    },
  };
  const heard = (wanted: (message: Message) => boolean): Promise<Message> => {
    const found = messages.find(wanted);
    return found === undefined ? new Promise((tell) => waiting.push({ wanted, tell })) : Promise.resolve(found);
  };
  return Object.assign(viewer, { messages, heard });
}
