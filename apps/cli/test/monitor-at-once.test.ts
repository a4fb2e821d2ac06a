import { join } from "node:path";
import { type ConnectedQmpClient, connectQmp } from "@memhp/qmp/node";
import { expect, test } from "vitest";
import { nodeHost } from "../src/node-host.ts";
import { type Around, memhp } from "./test-host.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A DIMM on node 1 with a page that a device keeps: 6.12 offlines it for ever, until the page is let go. */
const pinned = `format: memhp-scenario/1
name: qmp-pinned
kernel: "6.12"
machine: { memory: 2G, slots: 8, maxmem: 16G, smp: 2, cmdline: memhp_default_state=offline, nodes: [{ nodeid: 0, mem: 1G, cpus: "0" }, { nodeid: 1, mem: 1G, cpus: "1" }] }
steps:
  - { op: dimm_add, id: d0, size: 256M, node: 1 }
  - { op: online, blocks: "dimm:d0", type: movable }
  - { op: load, id: nic, kind: pinned, pin: short, size: 4M, node: 1, policy: bind }
`;

async function withMonitor(
  args: readonly string[],
  talk: (path: string) => Promise<void>,
  around: Around = {},
): Promise<{ exitCode: number; stderr: string }> {
  const path = join(temporaryFolder(), "monitor.sock");
  let talking: Promise<void> | undefined;
  const ran = await memhp(["run", "--quiet", "--qmp", `unix:${path}`, ...args, "scenario.yaml"], {
    ...around,
    files: { "scenario.yaml": pinned },
    interrupted: () => new Promise(() => {}),
    onStderr(text) {
      if (text.startsWith("QMP: ")) talking = talk(path);
    },
  });
  await talking;
  return ran;
}

const ids = async (client: ConnectedQmpClient): Promise<unknown> => {
  const answer = await client.execute("query-memory-devices");
  return answer.ok ? (answer.value as { data: { id: string } }[]).map(({ data }) => data.id) : answer.refusal;
};

test.each([[], ["--workers", "2"]])(
  "the monitor answers at once while an eject never ends, and every client (%j)",
  async (...args) => {
    const { exitCode } = await withMonitor(args, async (path) => {
      const [a, b] = [await connectQmp({ path }), await connectQmp({ path })];
      const { ok, error } = { error: undefined, ...(await a.execute("device_del", { id: "d0" })) };
      expect([ok, error]).toEqual([true, undefined]);
      await a.execute("object-add", { "qom-type": "memory-backend-ram", id: "m1", size: 256 * 2 ** 20 });
      expect(await a.execute("device_add", { driver: "pc-dimm", id: "d1", memdev: "m1", node: 0 })).toEqual({
        ok: true,
        value: {},
      });
      // The board has both: the guest has given up neither, and not yet heard of the second.
      expect(await ids(a)).toEqual(["d0", "d1"]);
      expect(await ids(b)).toEqual(["d0", "d1"]);
      expect(await b.execute("query-status")).toMatchObject({ ok: true, value: { status: "running" } });
      const shutdown = a.nextEvent("SHUTDOWN");
      expect(await b.execute("quit")).toEqual({ ok: true, value: {} });
      expect((await shutdown).data).toEqual({ guest: false, reason: "host-qmp-quit" });
      await Promise.all([a.closed, b.closed]);
    });
    expect(exitCode).toBe(0);
  },
);

test("an eject behind the monitor that fails because a worker is gone ends the run and says so", async () => {
  const transports: { terminate(): void | Promise<void> }[] = [];
  const { workerFactory } = nodeHost();
  const { exitCode, stderr } = await withMonitor(
    ["--workers", "2"],
    async (path) => {
      const client = await connectQmp({ path });
      for (const transport of transports) await transport.terminate();
      expect(await client.execute("device_del", { id: "d0" })).toMatchObject({ ok: true });
      await client.closed;
    },
    {
      workerFactory: (index) => {
        const transport = workerFactory(index);
        transports.push(transport);
        return transport;
      },
    },
  );
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^memhp run: --qmp: the worker with nodes? .* is gone/m);
});
