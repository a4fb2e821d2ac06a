import { randomBytes } from "node:crypto";
import type { Arguments } from "../arguments/arguments.ts";
import { UsageError } from "../errors.ts";
import { MIN_TOKEN } from "./serve-options.ts";

/**
 * What `--host` and `--token` ask for: on another address than loopback there is always a token.
 * @throws UsageError
 */
export function accessWanted(args: Arguments): {
  readonly address: string | undefined;
  readonly token: string | undefined;
} {
  const address = args.text("host");
  const given = args.text("token");
  if (given !== undefined && !/^[\w.~-]+$/.test(given))
    throw new UsageError("--token: expected letters, digits and . _ ~ - only");
  if (given !== undefined && given.length < MIN_TOKEN)
    throw new UsageError(`--token: expected at least ${MIN_TOKEN} characters, found ${given.length}`);
  return { address, token: given ?? (address === undefined ? undefined : randomBytes(24).toString("base64url")) };
}

/** @throws UsageError where they are given without what they are for */
export function assertNoAccessWanted(args: Arguments): void {
  for (const name of ["host", "token"] as const)
    if (args.text(name) !== undefined) throw new UsageError(`--${name}: goes with --serve`);
}

/** What stands behind the `#` of a page's address: never sent to a server, so a token may. */
export function pageHash(what: string, token: string | undefined): string {
  return `#${what}${token === undefined ? "" : `${what === "" ? "" : "&"}token=${token}`}`;
}
