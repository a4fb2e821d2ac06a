import { type Sequence, sequenceSvg } from "@memhp/diagram";
import { expect, test } from "vitest";

const call: Sequence = {
  title: "A <call>",
  lanes: [
    { id: "a", title: "caller" },
    { id: "b", title: "callee" },
  ],
  messages: [
    { from: "a", to: "b", at: "1 ms", text: "ask", details: "ask & wait" },
    { from: "b", to: "b", at: "1 ms", text: "think" },
    { from: "b", to: "a", at: "2 ms", text: "no", isTrouble: true },
  ],
  more: 4,
};

test("messages go from lane to lane downwards, a moment is told once, trouble is told without colours, and all of it in words", () => {
  const svg = sequenceSvg(call);
  const arrows = [...svg.matchAll(/<path d="M([\d.]+) (\d+)H([\d.]+)"/g)].map(([, from, y, to]) => ({
    way: Math.sign(Number(to) - Number(from)),
    y: Number(y),
  }));
  expect(arrows.map(({ way }) => way)).toEqual([1, -1]);
  expect(arrows[1]?.y).toBeGreaterThan(arrows[0]?.y ?? Infinity);
  expect([...svg.matchAll(/>([12] ms)</g)].map(([, time]) => time)).toEqual(["1 ms", "2 ms"]);
  expect(svg).toContain(">✕ no</text>");
  expect(svg).toContain("<title>ask &amp; wait</title>");
  expect(svg).toContain('<title id="sequence-title">A &lt;call&gt;</title>');
  expect(svg).toContain("1 ms: a to b: ask. 1 ms: b to b: think. 2 ms: b to a: no.</desc>");
  expect(svg).toContain("and 4 more");
  const colourless = (text: string): string => text.replaceAll(/#[0-9a-f]{6}/g, "");
  expect(colourless(sequenceSvg(call, { theme: "dark" }))).toBe(colourless(svg));
});

test("a message of somebody who has no lane is refused", () => {
  const strange = { ...call, messages: [{ from: "a", to: "c", at: "", text: "" }] };
  expect(() => sequenceSvg(strange)).toThrow(new RangeError('no lane "c" (there are: a, b)'));
});
