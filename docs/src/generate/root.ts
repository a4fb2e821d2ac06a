import { fileURLToPath } from "node:url";

/** The workspace. */
export const root: string = fileURLToPath(new URL("../../..", import.meta.url));
