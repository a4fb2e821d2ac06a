import type { TestProject } from "vitest/node";
import { makeOnce } from "../../../../tools/ci/src/make-once.ts";
import { buildPage } from "./built-page.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** An address that answers with the folder of the page. */
    readonly consolePage: string;
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const once = await makeOnce(buildPage);
  provide("consolePage", once.address);
  return () => once.end();
}
