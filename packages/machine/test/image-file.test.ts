import { gunzipSync, gzipSync } from "node:zlib";
import { MIB } from "@memhp/abi";
import { containersOf, dimmsOf } from "@memhp/devices";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  boot,
  bootMachine,
  decodeImage,
  encodeImage,
  ImageError,
  type MachineImage,
  parseMachineSpec,
  snapshot,
  start,
} from "../src/index.ts";

const spec = parseMachineSpec({
  memory: "1G",
  slots: 4,
  maxmem: "8G",
  smp: 2,
  nodes: [
    { nodeid: 0, mem: "512M", cpus: "0" },
    { nodeid: 1, mem: "512M", cpus: "1" },
  ],
  containers: [{ id: "c0", node: 2, memory: [{ id: "cm0", size: "256M" }] }],
});

async function fileOf(image: MachineImage): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of encodeImage(image)) pieces.push(piece);
  return Buffer.concat(pieces);
}

let image: MachineImage;
let file: Buffer;

beforeAll(async () => {
  const machine = await bootMachine(spec, { kernel: "6.12", kernelBlocks: [] });
  await dimmsOf(machine).insert({ id: "d0", memdev: "m0", sizeBytes: 256 * MIB, node: 1 });
  await containersOf(machine).insert("c0", 1);
  await machine.pages.loads.start({
    id: "db",
    kind: "anon",
    sizeBytes: 300 * MIB + 4096,
    churn: { fraction: 0.5, everyNs: 1e9 },
  });
  await machine.pages.loads.start({ id: "nic", kind: "pinned", sizeBytes: 5 * MIB });
  await machine.wait(3e9);
  image = await snapshot(machine);
  file = await fileOf(image);
  await machine.close();
});

test("a file gives the image that was written", async () => {
  expect(await decodeImage([file])).toEqual(JSON.parse(JSON.stringify(image)));
});

test("in whatever pieces it comes", async () => {
  const pieces = fc.array(fc.nat(file.length - 1), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(pieces, async (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), file.length];
      expect(await decodeImage(at.slice(1).map((end, i) => file.subarray(at[i], end)))).toEqual(
        JSON.parse(JSON.stringify(image)),
      );
    }),
    { numRuns: 10 },
  );
});

test("an image of a machine of which nothing has happened yet is a file too", async () => {
  const early = boot(spec, { kernel: "4.1" });
  const machine = await start(await decodeImage([await fileOf(early)]), { verify: true });
  expect(machine.files.read("/sys/devices/system/memory/memory0/state")).toEqual({ ok: true, value: "online\n" });
});

describe("refused, and why", () => {
  const refusal = async (bytes: Uint8Array, limits = {}): Promise<string> => {
    try {
      await decodeImage([bytes], limits);
    } catch (error) {
      if (error instanceof ImageError) return error.message;
      throw error;
    }
    return "read";
  };
  const packed = (...lines: readonly unknown[]): Buffer =>
    gzipSync(lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""));

  test("something else", async () => {
    expect(await refusal(Buffer.from("format: memhp-scenario/1\n"))).toBe("file: is no image of a machine");
    expect(await refusal(Buffer.from(""))).toBe("file: is no image of a machine");
    expect(await refusal(gzipSync("hello\n"))).toBe("file: the image is damaged: the first line cannot be read");
    expect(await refusal(packed({ format: "memhp-trace/1" }))).toBe(
      'format: "memhp-trace/1" is no image of a machine (allowed: memhp-image/3)',
    );
    expect(await refusal(packed(null))).toContain("is no image of a machine");
  });

  test("a newer one", async () => {
    expect(await refusal(packed({ format: "memhp-image/4", lines: 1 }, {}))).toBe(
      "format: memhp-image/4 is newer than this memhp, which reads memhp-image/3: update memhp",
    );
  });

  test("an older one", async () => {
    expect(await refusal(packed({ format: "memhp-image/1", lines: 1 }, {}))).toBe(
      "format: memhp-image/1 is of an older memhp; this one reads memhp-image/3: make the image again",
    );
  });

  test("one that was cut, wherever it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), async (length) => {
        expect(await refusal(file.subarray(0, length))).toMatch(/^file: /);
      }),
      { numRuns: 40 },
    );
    const lines = gunzipSync(file).toString("utf8").trimEnd().split("\n");
    expect(await refusal(packed(...lines.slice(0, -1)))).toBe("file: the image is damaged: it ends too early");
    expect(await refusal(packed(...lines, "{}"))).toBe("file: the image is damaged: lines follow after its end");
  });

  test("one with a byte that is not as it was", async () => {
    const places = fc.integer({ min: 10, max: file.length - 1 });
    await fc.assert(
      fc.asyncProperty(places, fc.integer({ min: 1, max: 255 }), async (at, bits) => {
        const changed = Buffer.from(file);
        changed.writeUInt8(changed.readUInt8(at) ^ bits, at);
        const said = await refusal(changed);
        // The last bits before the checksum mean nothing.
        if (said === "read") expect(gunzipSync(changed)).toEqual(gunzipSync(file));
        else expect(said).toMatch(/^(file|format): /);
      }),
      { numRuns: 60 },
    );
  });

  test("one that unpacks to more than its reader has room for", async () => {
    expect(await refusal(gzipSync(Buffer.alloc(4 * MIB, 32)), { totalBytes: MIB })).toBe(
      "file: the image unpacks to more than 1 MiB",
    );
    expect(await refusal(gzipSync(Buffer.alloc(4 * MIB, 32)), { lineBytes: MIB })).toBe(
      "file: a line of the image is longer than 1 MiB",
    );
  });

  test("one whose parts are not what they should be", async () => {
    const lines = gunzipSync(file).toString("utf8").trimEnd().split("\n");
    const machine = JSON.parse(lines.at(1) ?? "") as Record<string, unknown>;
    for (const other of [null, 7])
      expect(await refusal(packed(lines[0], other, ...lines.slice(2)))).toBe(
        "file: the image is damaged: the machine cannot be read",
      );
    const withMachine = (changed: object): Buffer => packed(lines[0], { ...machine, ...changed }, ...lines.slice(2));
    expect(await refusal(withMachine({ seed: "1" }))).toBe("seed: expected a number");
    expect(await refusal(withMachine({ autoOnline: "perhaps" }))).toBe(
      "autoOnline: expected offline or online or online_kernel or online_movable",
    );
    expect(await refusal(withMachine({ memmapHomes: [[0, 1e12, 0]] }))).toBe(
      "memmapHomes: expected at most 16777216 of them",
    );
    expect(await refusal(withMachine({ devices: [] }))).toBe("devices: expected an object");
  });
});

/** Every part of an image that is plain data, with the way to it. */
function* leaves(value: unknown, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value))
      yield* leaves(inner, [...path, Array.isArray(value) ? Number(key) : key]);
  } else if (typeof value === "number") yield path;
}

test("pages that contradict themselves are found before anything runs on them", async () => {
  const plain = JSON.parse(JSON.stringify(image)) as MachineImage;
  const all = [...leaves(plain.memory.nodes.pages)];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...all), fc.constantFrom(-1, 1, 7, 1e6), async (path, change) => {
      const changed = structuredClone(plain);
      let at = changed.memory.nodes.pages as unknown as Record<string | number, unknown>;
      for (const key of path.slice(0, -1)) at = at[key] as typeof at;
      const last = path.at(-1) as string | number;
      at[last] = (at[last] as number) + change;
      try {
        const machine = await start(changed, { verify: true });
        expect(await machine.pages.audit()).toEqual([]);
      } catch (error) {
        expect(error, `${path.join(".")} ${change}`).toBeInstanceOf(ImageError);
      }
    }),
    { numRuns: 150, seed: 4 },
  );
});
