import { PerfettoTrace, parseDocument, readDocument, runDocument, stateView } from "@memhp/scenario";
import { readFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { exported } from "../src/host/exports.ts";
import { scenarioText } from "../src/host/scenario-text.ts";
import { openDocument, runUpTo } from "../src/replay/replay.ts";
import { bootFromForm } from "../src/session/boot.ts";
import { defaultForm } from "../src/session/boot-form.ts";
import { perform } from "../src/session/perform.ts";
import type { Session } from "../src/session/session.ts";
import { chartPicture } from "../src/share/chart-picture.ts";
import { linkOf, scenarioOf } from "../src/share/link.ts";
import { mapPicture } from "../src/share/map-picture.ts";
import { eventsOf } from "./machines.ts";

const page = "https://example.org/console/#old";

async function session(): Promise<Session> {
  const booted = await bootFromForm({ ...defaultForm, kernel: "6.12", cmdline: "memhp_default_state=offline" });
  onTestFinished(() => booted.close());
  await perform(booted, {
    steps: [
      { op: "online", blocks: "56-63", type: "movable" },
      { op: "block", n: 0, v: "offline" },
    ],
  });
  return booted;
}

describe("a link", () => {
  test("holds a scenario, and gives it back as it was", async () => {
    const { origin, did } = await session();
    const text = scenarioText(origin, did) ?? "";
    const link = await linkOf(text, page);
    expect(link).toMatch(/^https:\/\/example\.org\/console\/#scenario=[\w-]+$/);
    const packed = new URLSearchParams(new URL(link).hash.slice(1)).get("scenario") ?? "";
    expect(JSON.parse(await scenarioOf(packed))).toEqual(JSON.parse(text));
  });

  test("that would be too long is refused, with what to do instead", async () => {
    // Numbers that have no pattern cannot be packed.
    const steps = Array.from({ length: 4000 }, (_, i) => ({ op: "block", n: (i * 7919) % 104_729, v: "online" }));
    await expect(linkOf(JSON.stringify({ steps }), page)).rejects.toThrow(
      /^A link to it would have [\d,]+ characters; .* as a file\.$/,
    );
  });

  test("that is damaged, or unpacks to far more than a scenario, is refused", async () => {
    await expect(scenarioOf("not*base64")).rejects.toThrow(/^The link is damaged/);
    await expect(scenarioOf("AAAA")).rejects.toThrow(/^The link is damaged/);
    const bomb = await linkOf(JSON.stringify({ name: "0".repeat(5 * 2 ** 20) }), page);
    await expect(scenarioOf(bomb.slice(bomb.indexOf("=") + 1))).rejects.toThrow(/holds more than/);
  });
});

describe("a file", () => {
  test("of a recorded run and what was done behind it leaves the same machine", async () => {
    const file = new URL("../../../tools/conformance/kernel-traces/4.1/order-mv-descending.json", import.meta.url);
    const replay = await openDocument(readFileSync(file, "utf8"), "trace");
    const end = await runUpTo(replay, 3, 0);
    onTestFinished(() => end.close());
    await perform(end, { steps: [{ op: "dimm_add", id: "more", size: "256M" }] });
    const text = scenarioText(end.origin, end.did) ?? "";
    const saved = parseDocument(text, "saved");
    expect(saved.steps.map(({ request }) => request.op).slice(3)).toEqual(["dimm_add"]);
    const again = await openDocument(text, "saved");
    expect(again.trace.final).toEqual(stateView(end.machine));
  });

  test("of events is what memhp run writes of the same steps", async () => {
    const { origin, did, log } = await session();
    const trace = new PerfettoTrace();
    const lines: string[] = [];
    await runDocument(readDocument({ ...origin, steps: did }, "s"), {
      onEvent(event) {
        trace.add(event);
        lines.push(JSON.stringify(event));
      },
    });
    expect(lines).toHaveLength(eventsOf(log).length);
    expect(await exported(log, "jsonl").text()).toBe(`${lines.join("\n")}\n`);
    expect(JSON.parse(await exported(log, "perfetto").text())).toEqual(JSON.parse(JSON.stringify(trace.finish())));
  });

  test("cannot be a scenario where no scenario says how the machine began", () => {
    expect(scenarioText({}, [])).toBeUndefined();
  });
});

test("pictures show every block, and every moment", async () => {
  const shown = await session();
  const { machine, samples } = shown;
  const map = mapPicture(shown.columns(), 'a "b" & <c>', "light").svg;
  expect(map.match(/<title>memory\d+ /g)).toHaveLength(machine.map.blocks.size);
  // The boot memory of two nodes, 16 blocks each, and one DIMM of 8; the kernel keeps its first block.
  expect(map.match(/>memory\d+ online</g)).toHaveLength(40);
  expect(map).toContain("<title>a &quot;b&quot; &amp; &lt;c&gt;</title>");
  const series = samples.series();
  const chart = chartPicture(series, "chart", "dark").svg;
  // Each line goes down or up once for each moment.
  expect(chart.match(/<path d="M[^"]+"/g)?.map((path) => path.split("V").length)).toEqual(
    Array.from({ length: 3 }, () => series.seconds.length),
  );
});
