import { access } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../errors.ts";
import { staticFiles } from "./static-files.ts";

/** The web console. @throws InputError where it was not built. */
export async function consolePages(): Promise<RequestListener> {
  const folder = join(dirname(fileURLToPath(import.meta.resolve("@memhp/console/package.json"))), "dist");
  try {
    await access(join(folder, "index.html"));
  } catch (error) {
    throw new InputError("the web console is not built (in the workspace: pnpm exec nx build @memhp/console)", {
      cause: error,
    });
  }
  return staticFiles(folder);
}

/** Where nobody built the console, its API is served all the same. */
export async function consolePagesIfBuilt(): Promise<RequestListener> {
  try {
    return await consolePages();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { message } = error;
    return (_request, response) => response.writeHead(404, { "content-type": "text/plain" }).end(`${message}\n`);
  }
}
