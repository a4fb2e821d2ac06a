import { access } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../errors.ts";
import { staticFiles } from "./static-files.ts";

/** In the package, and in the workspace. */
const folders = ["../../docs", "../../../../docs/dist"].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);

/** The site sets its colours before it is drawn, and colours code by the style of each word. */
const policy =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The documentation. @throws InputError where it was not built. */
export async function docsPages(): Promise<RequestListener> {
  for (const folder of folders) {
    try {
      await access(join(folder, "index.html"));
      return staticFiles(folder, policy);
    } catch {
      continue;
    }
  }
  throw new InputError("the documentation is not built (in the workspace: pnpm exec nx build @memhp/docs)");
}
