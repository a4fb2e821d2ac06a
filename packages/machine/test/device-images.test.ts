import { MIB } from "@memhp/abi";
import { virtioMemsOf } from "@memhp/devices";
import { expect, test } from "vitest";
import { bootMachine, type MachineImage, parseMachineSpec, snapshot, start } from "../src/index.ts";

/** A machine at rest with a device of each kind that writes something down. */
async function imageOfAll(): Promise<MachineImage> {
  const spec = parseMachineSpec({
    nodes: { count: 2, memory: "1G" },
    dimms: { per_node: 1, size: "256M" },
    virtio_mem: [{ id: "v0", size: "1G", requested: "256M" }],
    balloon: true,
    dax: [{ size: "256M" }],
    block_size: "128M",
  });
  const machine = await bootMachine(spec, { kernel: "6.12", kernelBlocks: [] });
  for (const module of ["virtio_mem", "virtio_balloon", "kmem"]) await machine.loadModule(module);
  await machine.idle();
  virtioMemsOf(machine).request("v0", 512 * MIB);
  await machine.idle();
  const image = await snapshot(machine);
  await machine.close();
  return image;
}

type Place = readonly (string | number)[];

/** Every part that has no parts, with the way to it; a refusal is a record whose reader checks it. */
function* leaves(value: unknown, path: Place = []): Generator<Place> {
  if (typeof value !== "object" || value === null) yield path;
  else
    for (const [key, inner] of Object.entries(value))
      if (key !== "refusals") yield* leaves(inner, [...path, Array.isArray(value) ? Number(key) : key]);
}

test("each part of a device's image is checked before anything goes on from it", async () => {
  const image = await imageOfAll();
  const places = [...leaves(image.devices)];
  const kinds = places.map(([kind]) => kind);
  expect(kinds).toEqual(expect.arrayContaining(["dimm", "virtio-mem", "balloon", "dax"]));
  for (const place of places) {
    const damaged = structuredClone(image);
    let at = damaged.devices as Record<string | number, unknown>;
    for (const key of place.slice(0, -1)) at = at[key] as typeof at;
    at[place.at(-1) as string] = ["nothing that it could be"];
    const error: unknown = await start(damaged).then(
      (machine) => machine.close(),
      (failed: unknown) => failed,
    );
    expect(`${place.join(".")}: ${String(error)}`).toMatch(/: ImageError: devices\.[-\w.[\]]+: expected /);
  }
});
