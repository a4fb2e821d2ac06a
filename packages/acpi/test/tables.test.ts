import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  checksum,
  nodesOfSrat,
  readSlit,
  readSrat,
  type Slit,
  slitDistance,
  trustedSlit,
  type SratAffinity,
  TableError,
  type TableHeader,
  writeSlit,
  writeSrat,
} from "@memhp/acpi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const compiled = (name: string): Uint8Array => readFileSync(new URL(`data/${name}.aml`, import.meta.url));

const header: TableHeader = {
  revision: 3,
  oemId: "MEMHP ",
  oemTableId: "TWONODES",
  oemRevision: 7,
  creatorId: "INTL",
  creatorRevision: 0x20200925,
};

const memory = (proximity: number, start: number, size: number, more = {}): SratAffinity => ({
  type: "memory",
  proximity,
  start,
  size,
  enabled: true,
  hotPluggable: false,
  nonVolatile: false,
  ...more,
});

/** What data/srat.asl says. */
const affinities: SratAffinity[] = [
  { type: "apic", proximity: 0, apicId: 0, sapicEid: 0, clockDomain: 0, enabled: true },
  { type: "apic", proximity: 0x1234501, apicId: 1, sapicEid: 2, clockDomain: 3, enabled: true },
  { type: "apic", proximity: 1, apicId: 2, sapicEid: 0, clockDomain: 0, enabled: false },
  { type: "x2apic", proximity: 1, apicId: 0x12345, clockDomain: 9, enabled: true },
  memory(0, 0, 0xa0000),
  memory(0, 0x100000, 0x3ff00000),
  memory(1, 0x40000000, 0x40000000),
  memory(3, 0x100000000, 0xf80000000, { hotPluggable: true }),
  memory(1, 0x2000000000, 0x10000000, { nonVolatile: true }),
  {
    type: "initiator",
    proximity: 1,
    device: { kind: "acpi", hid: "ACPI0016", uid: 0x01020304 },
    enabled: true,
    architectural: false,
  },
  {
    type: "initiator",
    proximity: 2,
    device: { kind: "pci", segment: 1, bdf: 0x0210 },
    enabled: true,
    architectural: false,
  },
  { type: "other", bytes: [3, 18, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0] },
];

const distances = [
  [10, 20, 255],
  [20, 10, 30],
  [255, 30, 10],
];

describe("SRAT", () => {
  test("reads what iasl compiled", () => {
    expect(readSrat(compiled("srat"))).toEqual({ header, affinities });
  });

  test("writes the bytes that iasl compiled", () => {
    expect(writeSrat({ header, affinities })).toEqual(new Uint8Array(compiled("srat")));
  });

  test("its bytes add up to 0, and it is of revision 3", () => {
    const bytes = writeSrat({ affinities: [memory(0, 0, 4096)] });
    expect(checksum(bytes)).toBe(0);
    expect(readSrat(bytes).header.revision).toBe(3);
  });

  test("before revision 2 a proximity domain has 8 bits", () => {
    const bytes = writeSrat({ header: { revision: 1 }, affinities: [memory(7, 0, 4096)] });
    // What later fields call the upper bits of the proximity domain was reserved, and not always 0.
    bytes[48 + 3] = 0x55;
    bytes[9] = ((bytes[9] ?? 0) - 0x55) & 0xff;
    expect(readSrat(bytes).affinities[0]).toMatchObject({ proximity: 7 });
    expect(() => writeSrat({ header: { revision: 1 }, affinities: [memory(256, 0, 1)] })).toThrow(RangeError);
  });

  test("nodes are dense, in the table's order, processors before memory (observed-6 §5: PXM 3 became node 2)", () => {
    const nodes = nodesOfSrat({
      affinities: [
        memory(3, 0, 1, { hotPluggable: true }),
        memory(9, 0, 1, { enabled: false }),
        { type: "apic", proximity: 0, apicId: 0, sapicEid: 0, clockDomain: 0, enabled: true },
        { type: "apic", proximity: 1, apicId: 1, sapicEid: 0, clockDomain: 0, enabled: true },
      ],
    });
    expect([...nodes]).toEqual([
      [0, 0],
      [1, 1],
      [3, 2],
    ]);
  });

  test.each([
    ["a wrong checksum", (bytes: Uint8Array) => bytes.with(50, (bytes[50] ?? 0) + 1)],
    ["another signature", () => writeSlit({ distances })],
    ["a length beyond the bytes", (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
    ["no header", () => new Uint8Array(35)],
  ])("%s is refused", (_what, spoil) => {
    expect(() => readSrat(spoil(writeSrat({ affinities })))).toThrow(TableError);
  });

  test("a structure of no length is refused, not read for ever", () => {
    const bytes = writeSrat({ affinities: [{ type: "other", bytes: [9, 0] }] });
    expect(() => readSrat(bytes)).toThrow(/has length 0/);
  });

  test("any table comes back as it was written", () => {
    fc.assert(
      fc.property(fc.array(anyAffinity, { maxLength: 20 }), (affinities) => {
        expect(readSrat(writeSrat({ header, affinities }))).toEqual({ header, affinities });
      }),
    );
  });

  test("any bytes are a table or a TableError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (noise, dressed) => {
        const bytes = dressed ? dress("SRAT", noise) : noise;
        try {
          readSrat(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(TableError);
        }
      }),
    );
  });
});

describe("SLIT", () => {
  test("reads what iasl compiled", () => {
    expect(readSlit(compiled("slit"))).toEqual({ header: { ...header, revision: 1 }, distances });
  });

  test("writes the bytes that iasl compiled", () => {
    expect(writeSlit({ header: { ...header, revision: 1 }, distances })).toEqual(new Uint8Array(compiled("slit")));
  });

  test("rows of another length, and distances beyond a byte, are refused", () => {
    expect(() => writeSlit({ distances: [[10, 20]] })).toThrow(RangeError);
    expect(() => writeSlit({ distances: [[256]] })).toThrow(RangeError);
  });

  test("Linux takes a table with 10 on its diagonal and more elsewhere, and ignores any other", () => {
    expect(trustedSlit(distances)).toBe(distances);
    expect(slitDistance(distances, 0, 2)).toBe(255);
    const wrong = [
      [10, 10],
      [10, 10],
    ];
    expect(trustedSlit(wrong)).toBeUndefined();
    expect(slitDistance(trustedSlit(wrong), 0, 1)).toBe(20);
    expect(slitDistance(undefined, 1, 1)).toBe(10);
    expect(slitDistance(distances, 0, 7)).toBe(20);
  });

  test("any square comes back as it was written", () => {
    const square = fc
      .nat({ max: 12 })
      .chain((n) =>
        fc.array(fc.array(fc.nat({ max: 255 }), { minLength: n, maxLength: n }), { minLength: n, maxLength: n }),
      );
    fc.assert(
      fc.property(square, (distances) => {
        expect(readSlit(writeSlit({ header, distances })).distances).toEqual(distances);
      }),
    );
  });

  test("any bytes are a table or a TableError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        try {
          const { distances }: Slit = readSlit(dress("SLIT", noise));
          expect(distances.length).toBeLessThan(8);
        } catch (error) {
          expect(error).toBeInstanceOf(TableError);
        }
      }),
    );
  });
});

const u32 = fc.nat({ max: 0xffffffff });
const bytes64 = fc.maxSafeNat();
const anyAffinity: fc.Arbitrary<SratAffinity> = fc.oneof(
  fc.record({
    type: fc.constant("memory" as const),
    proximity: u32,
    start: bytes64,
    size: bytes64,
    enabled: fc.boolean(),
    hotPluggable: fc.boolean(),
    nonVolatile: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("apic" as const),
    proximity: u32,
    apicId: fc.nat({ max: 255 }),
    sapicEid: fc.nat({ max: 255 }),
    clockDomain: u32,
    enabled: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("x2apic" as const),
    proximity: u32,
    apicId: u32,
    clockDomain: u32,
    enabled: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("initiator" as const),
    proximity: u32,
    device: fc.oneof(
      fc.record({ kind: fc.constant("acpi" as const), hid: fc.stringMatching(/^[A-Z0-9]{0,8}$/), uid: u32 }),
      fc.record({ kind: fc.constant("pci" as const), segment: fc.nat({ max: 0xffff }), bdf: fc.nat({ max: 0xffff }) }),
    ),
    enabled: fc.boolean(),
    architectural: fc.boolean(),
  }),
  fc
    .array(fc.nat({ max: 255 }), { maxLength: 30 })
    .map((rest): SratAffinity => ({ type: "other", bytes: [9, rest.length + 2, ...rest] })),
);

/** A table of any contents whose header is in order. */
function dress(signature: "SRAT" | "SLIT", noise: Uint8Array): Uint8Array {
  const bytes = new Uint8Array([...writeSlit({ distances: [] }).subarray(0, 36), ...noise]);
  bytes.set(new TextEncoder().encode(signature));
  new DataView(bytes.buffer).setUint32(4, bytes.length, true);
  bytes[9] = 0;
  bytes[9] = -checksum(bytes) & 0xff;
  return bytes;
}

// From Debian's acpica-tools; where it is missing these are counted as skipped.
const IASL = "iasl";
const hasIasl = spawnSync(IASL, ["-v"]).status === 0;

describe.runIf(hasIasl)("iasl", () => {
  function disassemble(bytes: Uint8Array): string {
    const folder = mkdtempSync(join(tmpdir(), "memhp-iasl-"));
    try {
      writeFileSync(join(folder, "table.aml"), bytes);
      execFileSync(IASL, ["-d", "table.aml"], { cwd: folder, stdio: "pipe" });
      return readFileSync(join(folder, "table.dsl"), "utf8");
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test("reads a written SRAT as it is meant", () => {
    const text = disassemble(writeSrat({ affinities }));
    expect(text).not.toMatch(/Incorrect checksum|Invalid|Unknown/);
    expect(text.match(/Hot Pluggable : 1/g)).toHaveLength(1);
    expect(text).toContain("Base Address : 0000000100000000");
    expect(text).toContain("Address Length : 0000000F80000000");
    expect(text.match(/\[Memory Affinity\]/g)).toHaveLength(5);
  });

  test("reads a written SLIT as it is meant", () => {
    const text = disassemble(writeSlit({ distances }));
    expect(text).not.toMatch(/Incorrect checksum|Invalid|Unknown/);
    expect(text).toContain("0A 14 FF");
    expect(text).toContain("FF 1E 0A");
  });
});
