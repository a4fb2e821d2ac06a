import { chmodSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileCache } from "../src/output/compile-cache.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const uid = process.getuid?.();

describe("the folder of compiled modules", () => {
  test("is made for its user alone", () => {
    const home = temporaryFolder();
    const folder = compileCache({ env: {}, home: home, uid });
    expect(folder).toBe(join(home, ".cache", "memhp"));
    expect(statSync(folder ?? "").mode & 0o077).toBe(0);
    expect(compileCache({ env: {}, home: home, uid })).toBe(folder);
  });

  test("lies where XDG_CACHE_HOME says, unless that is no absolute path", () => {
    const home = temporaryFolder();
    const caches = join(home, "caches");
    expect(compileCache({ env: { XDG_CACHE_HOME: caches }, home: "/nowhere", uid })).toBe(join(caches, "memhp"));
    expect(compileCache({ env: { XDG_CACHE_HOME: "here" }, home: home, uid })).toBe(join(home, ".cache", "memhp"));
  });

  test("is not used where others could write, and no home is made", () => {
    const home = temporaryFolder();
    const shared = join(home, "shared");
    mkdirSync(join(shared, "memhp"), { recursive: true });
    chmodSync(join(shared, "memhp"), 0o777);
    expect(compileCache({ env: { XDG_CACHE_HOME: shared }, home: home, uid })).toBeUndefined();

    const linked = join(home, "linked");
    mkdirSync(linked);
    symlinkSync(home, join(linked, "memhp"));
    expect(compileCache({ env: { XDG_CACHE_HOME: linked }, home: home, uid })).toBeUndefined();

    const others = join(home, "others");
    mkdirSync(join(others, "memhp"), { recursive: true, mode: 0o700 });
    expect(compileCache({ env: { XDG_CACHE_HOME: others }, home: home, uid: (uid ?? 0) + 1 })).toBeUndefined();

    expect(compileCache({ env: {}, home: join(home, "not", "there"), uid })).toBeUndefined();
  });
});
