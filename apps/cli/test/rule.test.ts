import { expect, test } from "vitest";
import { sectionOf } from "@memhp/abi";
import { memhp } from "./test-host.ts";

test("a refusal's rule leads to the section that it names, and to its address", async () => {
  const { stdout, exitCode } = await memhp(["rule", "facts §4.3: has_unmovable_pages"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    /^### 4\.3 Isolation and has_unmovable_pages\n[^]*\(facts\/kernel\.html#s4-3 of memhp docs\)\n$/,
  );
  expect(stdout).not.toContain("### 4.4");
  expect((await memhp(["rule", "observed-newer 3"])).stdout).toMatch(/^## 3\. ppc64el/);
});

test("what names no section is wrong usage, and a section that is not there an error", async () => {
  expect(await memhp(["rule", "path_lookup"])).toMatchObject({ exitCode: 2 });
  expect(await memhp(["rule", "facts §99.9"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("99.9") as string,
  });
});

test("a rule that is read from the kernel's source says so", async () => {
  const { stdout, exitCode } = await memhp(["rule", "fs/proc/page.c: KPMMASK"]);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("source (fs/proc/page.c); no recorded run shows it")]);
});

test("a section ends where the next of its depth begins", () => {
  const text = "# T\n## 1 A\none\n### 1.1 B\ntwo\n## 2 C\nthree\n";
  expect(sectionOf(text, "1")).toBe("## 1 A\none\n### 1.1 B\ntwo");
  expect(sectionOf(text, "1.1")).toBe("### 1.1 B\ntwo");
  expect(sectionOf(text, "3")).toBeUndefined();
});
