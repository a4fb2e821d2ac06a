import { access, readdir } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError, UsageError } from "../errors.ts";
import { staticFiles } from "./static-files.ts";

/** In the package, and in the workspace. */
const folders = ["../../docs", "../../../../docs/dist"].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);

/** The site sets its colours before it is drawn, and colours code by the style of each word. Machines live in frames of its own. */
const policy =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/** The documentation. @throws InputError where it was not built. */
export async function docsPages(): Promise<RequestListener> {
  return staticFiles(await docsFolder(), policy);
}

/** Path of a page that a person names, below the site; of the first without a name. @throws InputError, UsageError for none of this name */
export async function docsPage(name = ""): Promise<string> {
  if (name === "") return "";
  const folder = await docsFolder();
  const wanted = name.replace(/^\//, "").replace(/(\/|\.html)$/, "");
  const pages = (await readdir(folder, { recursive: true }))
    .filter((file) => file.endsWith(".html") && file !== "404.html")
    .map((file) => file.replaceAll("\\", "/"));
  const page = pages.find((file) => file === `${wanted}.html` || file === `${wanted}/index.html`);
  if (page !== undefined) return page;
  const names = pages.map((file) => file.replace(/(\/?index)?\.html$/, "")).filter((each) => each !== "");
  throw new UsageError(`${name}: no such page (there are: ${names.toSorted().join(", ")})`);
}

async function docsFolder(): Promise<string> {
  for (const folder of folders) {
    try {
      await access(join(folder, "index.html"));
      return folder;
    } catch {
      continue;
    }
  }
  throw new InputError("the documentation is not built (in the workspace: pnpm exec nx build @memhp/docs)");
}
