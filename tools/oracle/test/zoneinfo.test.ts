import { expect, test } from "vitest";
import { parseZoneinfo } from "../src/zoneinfo.ts";

const text = `Node 0, zone      DMA
  per-node stats
      nr_inactive_anon 76
      nr_free_cma  0
  pages free     3776
        boost    0
        min      133
        low      166
        high     199
        spanned  4095
        present  3998
        managed  3840
        cma      0
        protection: (0, 945, 945, 945, 945)
      nr_free_pages 3776
  pagesets
    cpu: 0
              count: 0
              high:  0
              batch: 1
  node_unreclaimable:  0
  start_pfn:           1
Node 0, zone   Normal
  pages free     0
        boost    0
        min      0
        low      0
        high     0
        spanned  0
        present  0
        managed  0
        cma      0
        protection: (0, 0, 0, 0, 0)
Node 1, zone  Movable
  pages free     32700
        min      0
        low      0
        high     32
        spanned  65536
        present  32768
        managed  32768
  pagesets
    cpu: 0
              high: 378
  start_pfn:           1048576
`;

test("zones come by node and name, an empty zone without a start", () => {
  const zones = parseZoneinfo(text);
  expect(zones["0"]?.["DMA"]).toEqual({
    free: 3776,
    boost: 0,
    min: 133,
    low: 166,
    high: 199,
    spanned: 4095,
    present: 3998,
    managed: 3840,
    start_pfn: 1,
  });
  expect(zones["0"]?.["Normal"]).not.toHaveProperty("start_pfn");
  expect(zones["0"]?.["Normal"]).toMatchObject({ spanned: 0, present: 0 });
  expect(zones["1"]?.["Movable"]).toMatchObject({ start_pfn: 1048576, spanned: 65536, present: 32768, high: 32 });
});

test("a kernel without zones in the file has none", () => {
  expect(parseZoneinfo("")).toEqual({});
});
