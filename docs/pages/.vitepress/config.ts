import { readFileSync } from "node:fs";
import { defineConfig } from "vitepress";

/** The side bar is made with the pages it leads to. */
const sidebar = JSON.parse(readFileSync(new URL("./sidebar.json", import.meta.url), "utf8"));

export default defineConfig({
  title: "memhp",
  description: "A laboratory for Linux memory hotplug",
  lang: "en",
  head: [["link", { rel: "icon", href: "/icon.svg" }]],
  base: "/",
  cleanUrls: false,
  outDir: process.env["MEMHP_DOCS_OUT"],
  cacheDir: process.env["MEMHP_DOCS_CACHE"],
  markdown: { lineNumbers: false, theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" } },
  themeConfig: {
    sidebar,
    nav: [
      { text: "Start", link: "/start/package" },
      { text: "Concepts", link: "/concepts" },
      { text: "Reference", link: "/reference/operations" },
      { text: "API", link: "/api/" },
    ],
    outline: [2, 3],
    search: { provider: "local" },
  },
  vite: {
    resolve: { conditions: ["@memhp/source", "module", "browser", "development|production"] },
    build: { target: "es2022", chunkSizeWarningLimit: 4000 },
    ssr: { noExternal: [/^@memhp\//] },
  },
});
