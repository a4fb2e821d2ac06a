import { readFile } from "node:fs/promises";

/** Version of this package; package.json lies beside src and dist alike. */
export async function version(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  return (manifest as { readonly version: string }).version;
}
