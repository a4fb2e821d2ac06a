import { describe, expect, onTestFinished, test } from "vitest";
import { SessionHost } from "../src/host/session-host.ts";
import type { Refusal } from "@memhp/abi";
import { answer } from "../src/session/answer.ts";
import { layerOf } from "../src/map/layers.ts";
import { type Asked, asked } from "../src/session/asked.ts";
import { defaultForm } from "../src/session/boot-form.ts";
import { type Remedy, remediesOf, type RemedyPlace } from "../src/words/remedy-commands.ts";

async function boot(kernel: string): Promise<SessionHost> {
  const host = new SessionHost();
  onTestFinished(() => host.close());
  await host.boot({ ...defaultForm, kernel, cmdline: kernel === "4.1" ? "" : "memhp_default_state=offline" });
  return host;
}

const load = (operands: Readonly<Record<string, unknown>>): Asked =>
  asked({ op: "load", id: "db", kind: "anon", size: "64M", node: 1, policy: "bind", ...operands });
const write = (blocks: string, word: "online_kernel" | "online_movable" | "offline"): Asked => ({
  do: "write",
  blocks,
  word,
});
const place: RemedyPlace = { loads: [{ id: "db" }], firstOffline: () => 56, hasOffline: () => true };

/** Asks for something that is refused. @returns what can be done about it */
async function refused(host: SessionHost, command: Asked): Promise<readonly Remedy[]> {
  const answer = await host.run(command);
  expect(answer.tone).not.toBe("done");
  return answer.refusals.flatMap(({ refusal }) => remediesOf(refusal, place));
}

describe("remedies that can be carried out", () => {
  // Each: a kernel, what is done before, what is refused, what helps; then it is not refused any more.
  const cases: readonly (readonly [string, string, readonly Asked[], Asked, string])[] = [
    [
      "the border of the zones comes first on 4.1",
      "4.1",
      [],
      write("62", "online_movable"),
      "Online memory63 as movable",
    ],
    [
      "an error that is injected is taken back",
      "6.12",
      [asked({ op: "inject", action: "MEM_GOING_ONLINE", errno: "ENOMEM" })],
      write("56", "online_movable"),
      "Inject nothing at MEM_GOING_ONLINE",
    ],
    [
      "a load that pins its pages ends",
      "4.1",
      [write("63", "online_movable"), load({ kind: "pinned", pin: "long" })],
      write("63", "offline"),
      "End db",
    ],
  ];
  test.each(cases)("%s", async (_name, kernel, before, command, words) => {
    const host = await boot(kernel);
    for (const each of before) await host.run(each);
    const remedies = await refused(host, command);
    const remedy = remedies.find((each) => each.words === words);
    expect({ offered: remedies.map((each) => each.words), found: remedy !== undefined }).toMatchObject({ found: true });
    expect((await host.run((remedy as Remedy).command)).tone).toBe("done");
    expect(await refusedAgain(host, command)).toEqual([]);
  });

  test("caches that a load filled are dropped, whatever the kernel keeps of its own", async () => {
    const host = await boot("6.12");
    await host.run(write("56-63", "online_kernel"));
    // More than the 2 GiB that the node booted with, so some of it lies in the DIMM.
    await host.run(load({ kind: "dentry", size: "2200M" }));
    const [remedy] = await refused(host, write("56-57", "offline"));
    if (remedy === undefined) throw new Error("nothing was offered");
    expect(remedy.words).toBe("Drop caches");
    await host.run(remedy.command);
    const { refusals } = await host.run(write("56-57", "offline"));
    expect(refusals.flatMap(({ refusal }) => refusal.pages ?? []).filter(({ owner }) => owner === "load:db")).toEqual(
      [],
    );
  });

  test("no room for a load: what is offline comes online, or another load ends", async () => {
    const host = await boot("6.12");
    expect(
      (await refused(host, asked({ op: "load", id: "huge", kind: "anon", size: "64G" }))).map(({ words }) => words),
    ).toEqual(["Online what is offline as movable", "End db"]);
  });
});

/** What stands in the way still, by code. */
async function refusedAgain(host: SessionHost, command: Asked): Promise<string[]> {
  return (await host.run(command)).refusals.map(({ refusal }) => refusal.code);
}

test("a refusal is marked on the map, and the border of the zones that it speaks of", async () => {
  const host = await boot("4.1");
  const layer = layerOf(await host.run(write("59", "online_movable")), ["memory40"]);
  expect(layer?.marks.get(59)).toEqual({ tone: "bad", text: "EINVAL" });
  expect(layer?.marks.get(40)?.tone).toBe("warn");
  // ZONE_NORMAL of node 1 ends with its DIMM, blocks 56 to 63.
  expect([...(layer?.borders ?? [])]).toEqual([[63, "end"]]);
});

test("every block that was refused is marked, however many they are", () => {
  const refused = Array.from({ length: 30_000 }, (_, block): Refusal => ({
    errno: "EBUSY",
    code: "unmovable_page",
    rule: "facts §4.3",
    retry: "no",
    remedy: [],
    block,
  }));
  expect(layerOf(answer("refused", "offline all", "refused", refused))?.marks.size).toBe(30_000);
});

test("the pages that a refusal named are told with the block's pages, as long as they are in the way", async () => {
  const host = await boot("6.12");
  await host.run(write("60", "online_kernel"));
  await host.run(asked({ op: "kernel_pages", blocks: "60", present: true }));
  await host.run(write("60", "offline"));
  // One page, the block's first.
  expect((await host.pages(60)).offenders).toEqual([0]);
  await host.run(asked({ op: "kernel_pages", blocks: "60", present: false }));
  expect((await host.pages(60)).offenders).toEqual([]);
});

test("the blocks of a load, and what nodes are used for", async () => {
  const host = await boot("6.12");
  await host.run(write("56-63", "online_movable"));
  await host.run(load({ size: "256M" }));
  const blocks = await host.loadBlocks("db");
  expect(blocks.length).toBeGreaterThanOrEqual(2);
  expect([...blocks].every((block) => block >= 32 && block < 64)).toBe(true);
  const [first, second] = await host.nodeUse();
  expect(first?.load).toBe(0);
  expect(second).toMatchObject({ node: 1, load: 65_536 });
  expect(second?.managed).toBeGreaterThan((second?.free ?? 0) + 65_536);
});
