import { bootMemoryMap, bootStores } from "@memhp/engine";
import { sliceNodes, snapshotNodes } from "@memhp/hotplug";
import { kernelOf } from "../../../tools/conformance/src/kernels.ts";
import { x86_64 as arch } from "../../../tools/conformance/src/platforms.ts";
import { clockAtBoot, createLocalShard, ShardSet } from "@memhp/shards";
import { expect, test } from "vitest";

/** Two nodes with a shard each. */
function twoShards(): ShardSet {
  const kernel = kernelOf("6.12");
  const range = (startPfn: number): { startPfn: number; endPfn: number } => ({ startPfn, endPfn: startPfn + 0x40000 });
  const map = bootMemoryMap({
    kernel,
    arch,
    blockPages: 0x8000,
    nodes: [0, 1].map((node) => ({ node, ranges: [range((node + 1) * 0x100000)], hotpluggable: [], cpus: [node] })),
    options: { kernelcorePages: undefined, movablecorePages: undefined, movableNode: false },
  });
  const nodes = snapshotNodes({ map, stores: bootStores(map), places: new Map() });
  const shards = [0, 1].map((node) => createLocalShard({ kernel, arch, nodes: sliceNodes(nodes, new Set([node])) }));
  const image = { nodes, groupPages: [], endPfn: 0, clock: clockAtBoot };
  const shardOf = new Map([0, 1].map((node) => [node, node]));
  const policy = { policy: "contig-zones", ratio: 301, numaAware: true } as const;
  return new ShardSet({ kernel, arch, movableNode: false }, image, shards, shardOf, policy);
}

test("requests of nodes and blocks that are not here are refused with what is, and the set goes on", async () => {
  const set = twoShards();
  await set.learn();
  const before = JSON.stringify(await set.snapshot());
  const offline = { op: "offline", node: 0, blocks: [0x20] } as const;
  for (const node of [7, -1, Number.NaN, "foo", undefined] as never[]) {
    await expect(set.execute([offline, { ...offline, node }])).rejects.toThrow(
      "execute: requests[1].node: expected one of 0, 1, found",
    );
    await expect(set.work([{ op: "drop_caches", node, what: 1 }])).rejects.toThrow(
      "work: requests[0].node: expected one of 0, 1, found",
    );
  }
  await expect(set.execute([{ ...offline, node: 1 }])).rejects.toThrow(
    "execute: requests[0].blocks[0]: expected a block of node 1, found 32",
  );
  await expect(set.execute([{ ...offline, op: "unplug" } as never])).rejects.toThrow(
    "execute: requests[0].op: expected",
  );
  expect(JSON.stringify(await set.snapshot())).toBe(before);
  expect(await set.execute([offline])).toMatchObject([{ op: "offline", outcomes: ["changed"] }]);
  await set.close();
});
