import { readFileSync } from "node:fs";
import { encodeImage, snapshot } from "@memhp/machine";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Picture } from "../src/host/pictures.ts";
import { SessionHost } from "../src/host/session-host.ts";
import type { MachineView } from "../src/host/views.ts";
import { defaultForm } from "../src/session/boot-form.ts";
import { asked } from "../src/session/asked.ts";
import { onlineCount } from "../src/session/online-count.ts";
import { bootTwoNodes } from "./machines.ts";

interface Seen {
  view(): MachineView;
  online(): number;
}

/** A host as its worker has it, with a page that takes every picture. */
async function boot(form: Partial<typeof defaultForm> = {}): Promise<{ host: SessionHost; seen: Seen }> {
  const host = new SessionHost();
  onTestFinished(() => host.close());
  let parts: Picture["parts"];
  let live: Picture["live"] | undefined;
  let state = new Uint8Array();
  await host.watch(async (picture) => {
    live = picture.live;
    parts = picture.parts ?? parts;
    state = picture.columns === undefined ? state : new Uint8Array(picture.columns.state);
  });
  await host.boot({ ...defaultForm, kernel: "6.12", cmdline: "memhp_default_state=offline", ...form });
  const view = (): MachineView => ({ ...(live as Picture["live"]), ...(parts as NonNullable<Picture["parts"]>) });
  return { host, seen: { view, online: () => onlineCount({ state }) } };
}

const online = (blocks: string) => ({ do: "write", blocks, word: "online_movable" }) as const;

describe("a machine behind its host", () => {
  test("is kept by the browser, unless nobody comes back to it", { timeout: 20_000 }, async () => {
    let asked = 0;
    vi.stubGlobal("indexedDB", {
      open: () => {
        asked += 1;
        throw new Error("this browser keeps nothing");
      },
    });
    onTestFinished(() => void vi.unstubAllGlobals());
    const { host } = await boot();
    await host.run(online("48"));
    await expect.poll(() => asked, { timeout: 10_000 }).toBe(1);
    const { host: another } = await boot();
    another.leaveNothing();
    await another.run(online("48"));
    // Longer than it waits for the person to do something else.
    await new Promise((turn) => setTimeout(turn, 500));
    expect(asked).toBe(1);
  });

  test("is told of in pictures: what was done, what is online", async () => {
    const { host, seen } = await boot();
    expect(seen.online()).toBe(32);
    expect(await host.run(online("48-51"))).toMatchObject({ tone: "done", done: 1 });
    expect(seen.online()).toBe(36);
    expect(await host.run({ ...asked({ op: "dimm_add", node: 1, size: "1G" }), freshId: "d" })).toMatchObject({
      tone: "done",
    });
    expect(seen.view().dimms.map(({ id }) => id)).toEqual(["n0d0", "n1d0", "d0"]);
  });

  test("goes back and forward, to the same files and the same events", async () => {
    const { host, seen } = await boot();
    await host.run(online("48-49"));
    await host.run(asked({ op: "load", id: "db", kind: "anon", size: "64M", node: 0, policy: "bind" }));
    await host.run(online("50"));
    const after = { ...seen.view(), block: host.block(50) };
    expect((await host.run({ do: "go_to", done: 1 })).text).toBe("The machine is as it was before.");
    expect(seen.view()).toMatchObject({ loads: [], history: { done: 1 } });
    expect([seen.online(), host.block(50).transitions]).toEqual([34, []]);
    await host.run({ do: "go_to", done: 3 });
    expect({ ...seen.view(), block: host.block(50) }).toEqual(after);
  });

  test("that went back and does something else forgets what came after", async () => {
    const { host, seen } = await boot();
    await host.run(online("48"));
    await host.run(online("49"));
    await host.run({ do: "go_to", done: 0 });
    await host.run(online("55"));
    expect(seen.view().history.deeds.map(({ text }) => text)).toEqual(["echo online_movable > memory55/state"]);
    expect(seen.online()).toBe(33);
  });

  test("with something under way cannot be written down, and goes back to before that", async () => {
    const { host, seen } = await boot();
    await host.run(online("56-63"));
    await host.run(asked({ op: "load", id: "nic", kind: "pinned", size: "900M", node: 1, policy: "bind" }));
    await host.run({ do: "write", blocks: "57", word: "offline", background: true });
    await host.run(asked({ op: "wait", s: 1 }));
    expect(seen.view().going).toEqual(["memory57"]);
    expect(seen.view().history.deeds.map(({ canGoBack }) => canGoBack)).toEqual([true, true, true, true]);
    // The fourth had no image: the third is done again.
    await host.run({ do: "go_to", done: 3 });
    expect(seen.view()).toMatchObject({ going: ["memory57"], history: { done: 3 } });
  });

  test("whose kernel a step kills is as it was before the step", async () => {
    const { host, seen } = await boot({ kernel: "4.1", cmdline: "" });
    // The first section of the DIMM is not there (facts §5.2): the kernel asks its first page for the zone.
    await host.run(asked({ op: "probe", addr: "0x208000000" }));
    await host.run(asked({ op: "dimm_add", id: "d0", size: "256M", addr: "0x200000000" }));
    const killed = await host.run(asked({ op: "dimm_del", id: "d0" }));
    expect(killed).toMatchObject({ tone: "error", done: 2 });
    expect(killed.text).toMatch(/kernel oops: .* The machine is as it was before\.$/);
    expect(seen.view().dimms.map(({ id }) => id)).toContain("d0");
    expect(await host.run({ do: "write", blocks: "65", word: "online" })).toMatchObject({ tone: "done", done: 3 });
  });

  test("says once what boot refused of many DIMMs", async () => {
    const { seen } = await boot({ nodes: 4, dimmSize: "128G", blockSize: "128M" });
    expect(seen.view().bootRefusals).toEqual([
      "n0d0 and 3 more (128G) not taken at boot. There is no room for the pages: 524288 pages of memmap found no room.",
    ]);
  });

  test("says which words of the command line its kernel does not read", async () => {
    const cmdline = "memory_hotplug.memmap_on_memory=force memhp_default_state=online";
    const { seen } = await boot({ kernel: "4.1", cmdline });
    expect(seen.view().bootRefusals).toEqual([
      "Ignored, machine.cmdline: memory_hotplug.memmap_on_memory=force (4.1 has no parameters of memory_hotplug)",
      expect.stringMatching(/^Ignored, machine\.cmdline: memhp_default_state=online \(/),
    ]);
  });

  test("stops a long command where it stands", async () => {
    const { host, seen } = await boot({ nodes: 8, memory: "8G", dimmSize: "128G", blockSize: "128M" });
    const total = seen.view().dimms.length * 1024;
    const running = host.run(online("offline"));
    while (seen.view().progress === undefined) await new Promise((turn) => setTimeout(turn));
    host.stop();
    expect((await running).text).toMatch(/^Stopped with \d of 4 steps left\. → [\d]+ of \d+ onlined/);
    expect(seen.online()).toBeGreaterThan(2048);
    expect(seen.online()).toBeLessThan(total);
  });
});

describe("a file of the person", () => {
  // A virtual machine with Linux 6.12 whose hugepages fill a node.
  const capture: Uint8Array = readFileSync(new URL("captured-host.tar.gz", import.meta.url));

  test("that is a captured host opens like any machine, with what is foreseen of each block", async () => {
    const { host, seen } = await boot();
    const { words } = await host.open(capture, "captured-host.tar.gz", 0);
    expect(words).toMatch(/^The host that was captured, Linux 6\.12.*, run as 6\.12\./);
    const report = seen.view().host;
    const blocks = (report?.groups ?? []).reduce((sum, { count }) => sum + count, 0);
    expect(blocks).toBe((await host.select("all")).length);
    expect(report?.groups.map(({ answer }) => answer)).toContain("refused");
    expect(await host.run({ do: "write", blocks: "0", word: "offline" })).toMatchObject({ tone: "refused" });
  });

  test("that is an image goes on from there, and anything else is refused in words", async () => {
    const { host, seen } = await boot();
    const machine = await bootTwoNodes("6.1");
    const pieces: Uint8Array[] = [];
    for await (const piece of encodeImage(await snapshot(machine.machine))) pieces.push(piece);
    await machine.close();
    expect(await host.open(new Uint8Array(Buffer.concat(pieces)), "x.memhp", 0)).toMatchObject({ open: undefined });
    expect(seen.view()).toMatchObject({ kernel: "6.1", host: undefined });
    const noise = new Uint8Array([0x1f, 0x8b, 1, 2, 3, 4]);
    await expect(host.open(noise, "noise.gz", 0)).rejects.toThrow(
      /^noise\.gz is neither a captured host .* nor an image/,
    );
    // Of a capture that was cut on its way, it is said that it was.
    await expect(host.open(capture.slice(0, -2000), "cut.tar.gz", 0)).rejects.toThrow(/ends too early/);
  });
});
