import type { RequestListener } from "node:http";
import { headerLine, resultLine, type RunResult, type Sweep } from "@memhp/sweep";
import { assertAllowed, countRefusal } from "../serve/api/access.ts";
import { ApiError } from "../serve/api/api-error.ts";
import { pageHash } from "../serve/address.ts";
import { consolePagesIfBuilt } from "../serve/console-pages.ts";
import { type LoopbackServer, serveLoopback } from "../serve/loopback.ts";

const FEED = "/api/v1/sweep";
/** Lines of an answer at most; who follows asks again. */
const MOST_LINES = 5000;
const FOLLOWS_MS = 3000;

export interface ServedSweep {
  /** The page that follows the sweep, with the token where one is asked for. */
  readonly url: string;
  /** No more results come: whoever follows hears so before the server goes. */
  close(): Promise<void>;
}

/** Where a sweep is shown, and who may ask. */
export interface SweepPlace {
  readonly port: number;
  /** Instead of loopback; then there is a token. */
  readonly address?: string | undefined;
  readonly token?: string | undefined;
  /** Who has asked within this time is there still, and is told how it ended. */
  readonly followsMs?: number;
}

/**
 * Shows a sweep in the console while it runs. Each who follows asks for what it has not got yet, so that nobody waits for another.
 * @param results those that there are; the caller adds to them, in the order of the runs.
 * @throws InputError where the port is taken
 */
export async function serveSweep(
  sweep: Sweep,
  results: readonly RunResult[],
  { port, address, token, followsMs = FOLLOWS_MS }: SweepPlace,
): Promise<ServedSweep> {
  const pages = await consolePagesIfBuilt();
  let isOver = false;
  /** Who follows, by the number that the first answer gave them, and when they asked last. */
  const followers = new Map<number, number>();
  let nextFollower = 1;
  let allTold = (): void => {};
  const forgetGone = (): void => {
    for (const [follower, askedAtMs] of followers)
      if (performance.now() - askedAtMs > followsMs) followers.delete(follower);
  };
  /** Lines as the file of results has them. */
  const linesFrom = (from: number): string[] => {
    const runs = results.slice(Math.max(0, from - 1), from + MOST_LINES - 1).map(resultLine);
    return from === 0 ? [headerLine(sweep), ...runs] : runs;
  };
  const answer: RequestListener = (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://sweep");
    if (!pathname.startsWith("/api/")) return pages(request, response);
    const reply = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    try {
      assertAllowed(request.headers, { port: server.port, ...(token === undefined ? {} : { token }) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      countRefusal(server.tally, error);
      return reply(error.status, { error: error.message });
    }
    const from = Number(searchParams.get("from") ?? 0);
    if (pathname !== FEED) return reply(404, { error: `a running sweep has ${FEED} only` });
    if (request.method !== "GET") return reply(405, { error: "GET only" });
    if (!Number.isInteger(from) || from < 0)
      return reply(400, { error: "from: expected a line of the results, from 0" });
    const known = Number(searchParams.get("as"));
    const follower = followers.has(known) ? known : nextFollower++;
    forgetGone();
    followers.set(follower, performance.now());
    const lines = linesFrom(from);
    const over = isOver && from + lines.length > results.length;
    if (over)
      response.on("finish", () => {
        followers.delete(follower);
        if (followers.size === 0) allTold();
      });
    reply(200, { lines, over, as: follower });
  };
  const server: LoopbackServer = await serveLoopback(port, answer, address === undefined ? {} : { address });
  return {
    url: `${server.url}${pageHash("sweep", token)}`,
    async close() {
      isOver = true;
      forgetGone();
      if (followers.size > 0)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, followsMs);
          allTold = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      await server.close();
    },
  };
}
