import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isLocalHost } from "../loopback.ts";
import type { Tally, TurnedAway } from "../tally.ts";
import { ApiError } from "./api-error.ts";

/** Who may ask. Without a token, programs of this computer and pages that it serves itself. */
export interface Access {
  readonly port: number;
  readonly token?: string;
}

/** A WebSocket of a page cannot set headers: its token comes as a protocol, `memhp.token.T`. */
const TOKEN_PROTOCOL = "memhp.token.";

/**
 * @throws ApiError 403 for a page of elsewhere, 401 without the token that is asked for
 */
export function assertAllowed(headers: IncomingHttpHeaders, { port, token }: Access): void {
  if (token !== undefined) {
    if (!isToken(tokenOf(headers), token))
      throw new ApiError(401, "this server wants a token: authorization: Bearer TOKEN");
    return;
  }
  const { origin } = headers;
  const isOwnPage = origin === undefined || isLocalHost(/^http:\/\/(.*)$/.exec(origin)?.[1], port);
  // A form or an image of another page sends no origin; the browser says where it stands.
  if (!isOwnPage || headers["sec-fetch-site"] === "cross-site")
    throw new ApiError(403, "a page of elsewhere may not ask this server");
}

const counted: Partial<Record<ApiError["status"], TurnedAway>> = {
  400: "malformed",
  401: "token",
  403: "origin",
  413: "too_large",
  429: "viewers",
};

/** Counts a request that was not carried out because of what it is or whose it is. */
export function countRefusal(tally: Tally, { status }: ApiError): void {
  const why = counted[status];
  if (why !== undefined) tally.add(why);
}

function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  const protocols = (headers["sec-websocket-protocol"] ?? "").split(",").map((each) => each.trim());
  return protocols.find((each) => each.startsWith(TOKEN_PROTOCOL))?.slice(TOKEN_PROTOCOL.length);
}

function isToken(given: string | undefined, token: string): boolean {
  const [a, b] = [Buffer.from(given ?? ""), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
