import { offendersText, pageKindText, type Refusal, refusalSentences } from "@memhp/abi";
import { expect, test } from "vitest";

const refusal: Refusal = {
  errno: "EBUSY",
  code: "unmovable_page",
  rule: "facts §4.3: has_unmovable_pages",
  block: 40,
  node: 1,
  zone: "Normal",
  pages: [{ pfn: 1310720, kind: "slab", pageblock: 2560, owner: "load:dentry" }],
  total: 117,
  retry: "no",
  remedy: ["online this range as movable", "end load:dentry"],
};

test("a refusal is three sentences: what stands in the way, the answer by its rule, what would help", () => {
  expect(refusalSentences(refusal)).toEqual([
    "In block 40 (node 1, zone Normal) is something that the kernel cannot move: 117 pages, kernel objects (slab) of load dentry, the first at pfn 1310720.",
    "The answer is EBUSY (unmovable_page), by facts §4.3: has_unmovable_pages.",
    "Trying again does not help, but this may: online this range as movable; or end load dentry.",
  ]);
});

test("blocks that are refused alike are named together", () => {
  expect(refusalSentences(refusal, "blocks 40-47")[0]).toMatch(/^In blocks 40-47 \(node 1, zone Normal\) is /);
});

test("pages in the way come before the detail, and the detail where no page is known", () => {
  expect(refusalSentences({ ...refusal, detail: "more" })[0]).toContain("117 pages");
  expect(
    refusalSentences({ errno: "EINVAL", code: "bad_word", rule: "r", retry: "no", remedy: [], detail: '"on"' }),
  ).toEqual([
    'What was written is not understood there: "on".',
    "The answer is EINVAL (bad_word), by r.",
    "Trying again does not help.",
  ]);
});

test.each([
  ["no", "Trying again does not help, but this may: a; or b."],
  ["maybe", "Trying again may help, above all after this: a; or b."],
  ["yes", "Try again after this: a; then b."],
] as const)("retry %s", (retry, sentence) => {
  expect(refusalSentences({ ...refusal, retry, remedy: ["a", "b"] })[2]).toBe(sentence);
  expect(refusalSentences({ ...refusal, retry, remedy: [] })[2]).not.toContain("this");
});

test("offenders are told by kind and owner; the kernel's own need no owner", () => {
  const page = (pfn: number, kind: string, owner?: string): Parameters<typeof offendersText>[0][number] => ({
    pfn,
    kind,
    pageblock: 0,
    ...(owner === undefined ? {} : { owner }),
  });
  expect(offendersText([page(7, "page_table", "kernel")])).toBe("1 page, page tables, at pfn 7");
  const mixed = [page(7, "anonymous", "load:a"), page(8, "anonymous", "load:b"), page(9, "thp", "load:a")];
  expect(offendersText(mixed, 600)).toBe(
    "600 pages, anonymous memory of load a and load b and transparent hugepages of load a, the first at pfn 7",
  );
  const many = Array.from({ length: 8 }, (_, i) => page(i, i === 3 ? "slab" : "reserved", "kernel"));
  expect(offendersText(many, 900)).toBe(
    "900 pages, among them memory reserved at boot and kernel objects (slab), the first at pfn 0",
  );
  expect(pageKindText("something_new")).toBe("something_new pages");
});

test("whose a page may be is told as a guess", () => {
  const page = { pfn: 9, kind: "slab", pageblock: 0, owner: "kernel" };
  const said = (...shares: readonly (readonly [string, number])[]): string => {
    const candidates = shares.map(([owner, share]) => ({ owner, share }));
    return refusalSentences({
      ...refusal,
      pages: [
        { ...page, pfn: 7 },
        { ...page, candidates },
      ],
      total: 2,
    })[0];
  };
  expect(said(["dentry", 0.75], ["buffer_head", 0.201])).toMatch(
    / Whose pfn 9 is no file tells; by the size of its slab it may be of dentry \(75 %\), buffer_head \(20 %\) or another\.$/,
  );
  expect(said(["dentry", 1])).toMatch(/may be of dentry \(100 %\)\.$/);
  expect(said()).not.toMatch(/may be of/);
});

test("a refusal that leans on a page nobody knows says so", () => {
  const page = (pfn: number, owner: string): Parameters<typeof offendersText>[0][number] => ({
    pfn,
    kind: "kernel",
    pageblock: 0,
    owner,
  });
  const [all] = refusalSentences({ ...refusal, pages: [page(7, "unknown")], total: 1 });
  expect(all).toMatch(
    /: 1 page, kernel memory, at pfn 7\. What these pages are is unknown: no flag of the captured host/,
  );
  const [some] = refusalSentences({ ...refusal, pages: [page(7, "kernel"), page(9, "unknown")], total: 2 });
  expect(some).toMatch(/What some of them, such as pfn 9, are is unknown/);
  expect(refusalSentences({ ...refusal, pages: [page(7, "kernel")], total: 1 })[0]).not.toMatch(/unknown/);
});

test("hugepages are named without a size: of either kind it is another on each architecture", () => {
  for (const kind of ["hugetlb_2m", "hugetlb_2m_free", "hugetlb_1g", "hugetlb_1g_free"])
    expect(pageKindText(kind)).toMatch(/^[a-z ]*hugepages[a-z ]*$/);
});
