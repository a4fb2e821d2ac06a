import { start } from "@memhp/machine";
import { expect, test } from "vitest";
import { chooseRules, hostImage, judgeBlocks, surveyHost } from "../src/index.ts";
import { recordedHost } from "./recorded.ts";

test.for(["6.1-hold", "6.1-frag", "6.12-sprinkle"])(
  "%s: on 4.1 `removable` reads 0 of every block that has_unmovable_pages refuses, and 1 of those that go (facts §2.7)",
  async (name) => {
    const { host } = await recordedHost(name);
    const machine = await start(hostImage(host, { kernel: "4.1" }));
    const { rules } = chooseRules(host, "4.1");
    const said: [block: number, removable: string, answer: string][] = [];
    for (const { block, answer, refusal } of judgeBlocks(surveyHost(host), rules)) {
      const read = machine.files.read(`/sys/devices/system/memory/memory${block}/removable`);
      said.push([block, read.ok ? read.value.trim() : "?", refusal?.code ?? answer]);
    }
    expect(said.filter(([, removable, code]) => code === "unmovable_page" && removable !== "0")).toEqual([]);
    expect(said.filter(([, removable, code]) => code === "goes_offline" && removable !== "1")).toEqual([]);
    expect(new Set(said.map(([, removable]) => removable))).toEqual(new Set(["0", "1"]));
    await machine.close();
  },
);
