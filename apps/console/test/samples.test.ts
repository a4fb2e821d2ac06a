import { expect, test } from "vitest";
import { perform } from "../src/session/perform.ts";
import { Samples } from "../src/session/samples.ts";
import { bootTwoNodes } from "./machines.ts";

const at = (online: number) => ({ online, movable: 0, free: 0, refused: 0, migrated: 0 });

test("moments stand in order; going back forgets what came after", () => {
  const samples = new Samples();
  for (const second of [0, 1, 2, 3]) samples.add(second * 1e9, at(second));
  samples.add(1e9, at(7));
  expect(samples.series).toMatchObject({ seconds: [0, 1], online: [0, 7] });
});

test("a long time is kept evenly, its end among it", () => {
  const samples = new Samples();
  for (let i = 0; i < 20_000; i++) samples.add(i * 1e6, at(i));
  const { seconds, online } = samples.series;
  expect(seconds.length).toBeLessThanOrEqual(2048);
  expect([seconds[0], online.at(-1)]).toEqual([0, 19_999]);
});

test("a session counts what is online, movable, free, refused and moved", async () => {
  const session = await bootTwoNodes("6.12", { cmdline: "memhp_default_state=offline" });
  session.notice();
  const steps = [
    { op: "online", blocks: "56-59", type: "movable" },
    { op: "block", n: 0, v: "offline" },
  ];
  await perform(session, { steps });
  const { online, movable, free, refused } = session.samples.series();
  const ofNodes = [0, 1].map((node) => session.samples.series(node));
  await session.close();
  expect([online[0], online.at(-1), movable.at(-1), refused.at(-1)]).toEqual([32, 36, 4, 1]);
  expect((free.at(-1) ?? 0) - (free[0] ?? 0)).toBe(4 * 32_768);
  // Blocks 56 to 59 are node 1's, block 0 is node 0's; of each 16 were online at boot.
  expect(ofNodes.map((node) => [node.online[0], node.online.at(-1), node.movable.at(-1), node.refused.at(-1)])).toEqual(
    [
      [16, 16, 0, 1],
      [16, 20, 4, 0],
    ],
  );
  expect(ofNodes.map(({ seconds }) => seconds.at(-1))).toEqual([
    ofNodes[0]?.seconds.at(-1),
    ofNodes[0]?.seconds.at(-1),
  ]);
});

test("of a node that changes now and then, what lies between is level", () => {
  const samples = new Samples();
  for (let second = 0; second < 10; second++)
    samples.addChange(Math.max(0, second - 1) * 1e9, second * 1e9, at(second < 5 ? 1 : 2));
  expect(samples.series).toMatchObject({ seconds: [0, 4, 5], online: [1, 1, 2] });
});
