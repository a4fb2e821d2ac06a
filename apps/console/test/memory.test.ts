import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { start } from "@memhp/machine";
import { expect, test } from "vitest";
import { checkpoint, imageOf } from "../src/host/images.ts";
import { EventViews } from "../src/host/event-views.ts";
import { perform, stepsOf } from "../src/session/acting.ts";
import { bootFromForm } from "../src/session/boot.ts";
import { defaultForm } from "../src/session/boot-form.ts";
import { EventLog } from "../src/session/event-log.ts";
import { Session } from "../src/session/session.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes in use after a collection. */
async function inUse(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((turn) => setTimeout(turn));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test("a session grows by the events that it keeps, and by nothing else", { timeout: 60_000 }, async () => {
  const form = { ...defaultForm, kernel: "6.12", nodes: 8, memory: "2G", dimmSize: "62G", blockSize: "128M" };
  const booted = await bootFromForm(form);
  const before = await checkpoint(booted);
  if (before === undefined) throw new Error("no image of a machine at rest");
  await booted.close();
  // It keeps 32,768 to 49,152: fewer than are counted from here on.
  const session = new Session(await start(await imageOf(before)), {}, { log: new EventLog(32_768) });
  const views = new EventViews(session.log);
  const filter = { hidden: ["zone" as const], text: "" };
  const upTo = async (events: number): Promise<number> => {
    while (session.log.end < events)
      for (const [blocks, word] of [
        ["offline", "online_movable"],
        ["movable", "offline"],
      ] as const)
        await perform(session, stepsOf({ do: "write", blocks, word }, session));
    await views.window({ filter, first: 0, count: 30 });
    return inUse();
  };
  const early = await upTo(60_000);
  const late = await upTo(240_000);
  // 180,000 events more: a few bytes for each would be seen.
  expect((late - early) / 1e6).toBeLessThan(1);
  await session.close();
});
