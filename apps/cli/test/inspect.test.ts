import { WebSocket } from "ws";
import { expect, test } from "vitest";
import { memhp } from "./test-host.ts";

const scenario = `format: memhp-scenario/1
kernel: "6.12"
machine: { machine: q35, memory: 2G, slots: 4, maxmem: 8G, smp: 2, nodes: [ { nodeid: 0, mem: 1G, cpus: "0" }, { nodeid: 1, mem: 1G, cpus: "1" } ] }
steps:
  - { op: dimm_add, id: d0, size: 512M, node: 1 }
  - { op: offline, blocks: "dimm:d0" }
  - { op: online, blocks: "33-34", type: movable }
`;

for (const workers of ["0", "2"]) {
  test(`run --inspect with ${workers} workers shows chosen blocks over the official protocol and counts the others`, async () => {
    const messages: {
      type: string;
      name?: string;
      sessionId: string;
      snapshot?: { value?: unknown; context?: unknown };
    }[] = [];
    const names = new Map<string, string>();
    let socket: WebSocket | undefined;
    let address: string | undefined;
    const lastOf = (name: string): unknown =>
      messages.findLast(
        (message) => message.type === "@xstate.snapshot" && names.get(message.sessionId)?.endsWith(name) === true,
      )?.snapshot;
    const { exitCode, stderr } = await memhp(
      ["run", "--quiet", "--workers", workers, "--inspect", "--inspect-blocks", "33-34", "scenario.yaml"],
      {
        files: { "scenario.yaml": scenario },
        onStderr(text) {
          const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(text)?.[0];
          if (url === undefined) return;
          address ??= url;
          socket ??= new WebSocket(url.replace("http", "ws"));
          socket.on("message", (data: Buffer) => {
            const message = JSON.parse(data.toString()) as (typeof messages)[number];
            messages.push(message);
            if (message.type === "@xstate.actor") names.set(message.sessionId, message.name ?? message.sessionId);
          });
        },
        interrupted: async () => {
          await expect
            .poll(() => [lastOf("memory33"), lastOf("memory34")], { timeout: 25_000 })
            .toMatchObject([{ value: "online" }, { value: "online" }]);
          await expect.poll(() => lastOf("node-1"), { timeout: 25_000 }).toMatchObject({ context: { offline: 2 } });
          await expect.poll(() => lastOf("MHPC.MP00"), { timeout: 25_000 }).toMatchObject({ value: "attached" });
          const stately = await fetch(`${address}stately`);
          expect(await stately.text()).toContain("https://stately.ai/inspect");
        },
      },
    );
    socket?.terminate();
    expect(stderr).toContain("XState inspector: http://127.0.0.1:");
    expect(exitCode).toBe(130);
    const blocks = [...names.values()].filter((name) => name.includes("memory"));
    expect(blocks.length).toBe(2);
  });
}

test("shell --inspect gives an address and does not wait for anybody to look", async () => {
  const { exitCode, stdout, stderr } = await memhp(["shell", "--builtin", "-c", "pwd", "--inspect", "scenario.yaml"], {
    files: { "scenario.yaml": scenario },
  });
  expect(stderr).toMatch(/XState inspector: (http:\/\/127\.0\.0\.1:\d+\/)\n.*\1stately\n/);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "/sys/devices/system/memory\n" });
});

test("a bad list of blocks is wrong usage, before anything is served", async () => {
  const { exitCode, stderr } = await memhp(["run", "--inspect", "--inspect-blocks", "x", "scenario.yaml"], {
    files: { "scenario.yaml": scenario },
  });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--inspect-blocks: bad list: "x"');
});
