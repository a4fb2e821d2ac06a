import {
  type BlockHandle,
  type BlockLeaf,
  type BlockPorts,
  compileTable,
  reviveActor,
  rowHandle,
  withPorts,
} from "@memhp/block";
import { describe, expect, test } from "vitest";
import { eventOf, everyEvent, recordingPorts } from "./events.ts";

const table = compileTable();

const kinds: readonly [string, (leaf: BlockLeaf, ports: BlockPorts, block?: number) => BlockHandle][] = [
  ["an actor", (leaf, ports, block = 40) => reviveActor({ block, node: 1, leaf, ports })],
  ["a row", (leaf, ports, block = 40) => rowHandle(table, { block, node: 1, leaf, ports })],
];

describe.for(kinds)("%s", ([, open]) => {
  test.for([...table.leaves])("revived in %s is there, and begins nothing by it", (leaf) => {
    const ports = recordingPorts();
    const handle = open(leaf, ports);
    expect(handle.leaf).toBe(leaf);
    expect(handle.block).toBe(40);
    expect(ports.performed).toEqual([]);
  });

  test("asks its port for the step of the state that it entered, and says which block it is", () => {
    const asked: unknown[] = [];
    const handle = open("offline", { perform: (step, block) => asked.push([step, block]) }, 7);
    handle.send(eventOf("ONLINE"));
    handle.send(eventOf("DONE"));
    expect(asked).toEqual([
      ["choose_zone", 7],
      ["notify_going_online", 7],
    ]);
  });

  test("does not wait: the step's answer is the next event", () => {
    const handle = open("online", recordingPorts());
    handle.send(eventOf("OFFLINE"));
    expect(handle.leaf).toBe("going_offline.checking");
    handle.send(eventOf("FAILED"));
    expect(handle.leaf).toBe("online");
  });

  test.for([
    ["online", "ONLINE"],
    ["offline", "OFFLINE"],
    ["offline", "DONE"],
    ["going_online.populating", "OFFLINE"],
    ["going_offline.migrating", "REMOVE"],
    ["going_offline.withdrawing", "FAILED"],
    ["gone", "ONLINE"],
  ] as const)("in %s does not take %s, says what it takes, and stays", ([leaf, type]) => {
    const ports = recordingPorts();
    const handle = open(leaf, ports);
    expect(() => handle.send(eventOf(type))).toThrow(
      new RegExp(`^send: event: expected one that block 40 takes in ${leaf} \\(.*\\), found ${type}$`),
    );
    expect(handle.leaf).toBe(leaf);
    expect(ports.performed).toEqual([]);
  });

  test("of a state that does not exist is a bug of memhp", () => {
    expect(() => open("going_sideways", recordingPorts())).toThrow("going_sideways");
  });

  test("lets go in a rest state", () => {
    const handle = open("offline", recordingPorts());
    expect(() => handle.release()).not.toThrow();
  });

  test("blocks do not know of each other", () => {
    const ports = recordingPorts();
    const one = open("offline", ports, 1);
    const two = open("offline", ports, 2);
    one.send(eventOf("ONLINE"));
    expect([one.leaf, two.leaf]).toEqual(["going_online.choosing_zone", "offline"]);
  });
});

describe("the inspector of an actor", () => {
  test("hears each event and the state that it led to, under the block's name", () => {
    const heard: string[] = [];
    const handle = reviveActor(
      { block: 40, node: 1, leaf: "offline", ports: recordingPorts() },
      {
        inspect: (event) => {
          if (event.type !== "@xstate.snapshot") return;
          const { id } = event.actorRef as { id?: string };
          heard.push(`${id}: ${event.event.type} -> ${JSON.stringify((event.snapshot as { value?: unknown }).value)}`);
        },
      },
    );
    handle.send(eventOf("ONLINE"));
    handle.send(eventOf("FAILED"));
    expect(heard.slice(-2)).toEqual([
      'block-40: ONLINE -> {"going_online":"choosing_zone"}',
      'block-40: FAILED -> "offline"',
    ]);
  });

  test("may be given another name, for a block of another machine", () => {
    const input = { block: 40, node: 1, leaf: "offline", ports: recordingPorts() };
    expect(reviveActor(input, { id: "guest1-block-40" }).actor.id).toBe("guest1-block-40");
    expect(reviveActor(input).actor.id).toBe("block-40");
  });

  test("sees nothing more after the release", () => {
    const handle = reviveActor({ block: 40, node: 1, leaf: "online", ports: recordingPorts() });
    handle.release();
    expect(handle.actor.getSnapshot().status).toBe("stopped");
  });
});

test("an actor that nobody revived begins offline", () => {
  const ports = recordingPorts();
  const first = withPorts(ports).getInitialSnapshot({} as never, { block: 1, node: 0 });
  expect(first.value).toBe("offline");
  expect(ports.performed).toEqual([]);
  expect(everyEvent.filter((event) => first.can(event)).map(({ type }) => type)).toEqual(["ONLINE", "REMOVE"]);
});

test.for([...table.leaves].filter((leaf) => leaf !== "gone"))(
  "a block that was written down in %s goes on from there",
  (leaf) => {
    const before = reviveActor({ block: 40, node: 1, leaf, ports: recordingPorts() });
    const written: unknown = JSON.parse(JSON.stringify(before.actor.getPersistedSnapshot()));
    before.release();
    for (const event of everyEvent) {
      const [ports, fresh] = [recordingPorts(), recordingPorts()];
      const restored = reviveActor({ block: 40, node: 1, leaf: "gone", ports }, { snapshot: written as never });
      const revived = reviveActor({ block: 40, node: 1, leaf, ports: fresh });
      expect(restored.leaf).toBe(leaf);
      expect(ports.performed, "what it had begun is not begun again").toEqual([]);
      if (!revived.actor.getSnapshot().can(event)) continue;
      restored.send(event);
      revived.send(event);
      expect(restored.leaf, `${leaf} on ${event.type}`).toBe(revived.leaf);
      expect(ports.performed, `${leaf} on ${event.type}`).toEqual(fresh.performed);
    }
  },
);
