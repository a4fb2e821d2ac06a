import { expect, test } from "vitest";
import { deadPageLinks, firstPageFiles } from "../src/docs/site-links.ts";

const files = new Set(["index.html", "a/b.html", "style.css"]);

test("links lead to pages and to places in them", () => {
  const pages = new Map([
    [
      "index.html",
      '<a href="/a/b.html#x"> <a href="./a/b.html"> <link href="/style.css"> <a href="https://example.org/">',
    ],
    ["a/b.html", '<h1 id="x"> <a href="../"> <a href="#x">'],
  ]);
  expect(deadPageLinks(pages, files)).toEqual([]);
  pages.set("a/b.html", '<a href="#y"> <a href="/gone.html">');
  expect(deadPageLinks(pages, files)).toEqual([
    "index.html: /a/b.html#x leads to no place of a/b.html",
    "a/b.html: #y leads to no place of a/b.html",
    "a/b.html: /gone.html leads to no page",
  ]);
});

test("what a first page loads is itself, its styles and its scripts", () => {
  const html =
    '<link rel="stylesheet" href="/s.css"><link rel="modulepreload" href="/m.js"><script type="module" src="/app.js"></script><a href="/x.html">';
  expect(firstPageFiles(html)).toEqual(["index.html", "s.css", "m.js", "app.js"]);
});
