import type { RequestListener } from "node:http";
import { headerLine, resultLine, type RunResult, type Sweep } from "@memhp/sweep";
import { assertAllowed } from "../serve/api/access.ts";
import { ApiError } from "../serve/api/api-error.ts";
import { consolePagesIfBuilt } from "../serve/console-pages.ts";
import { type LoopbackServer, serveLoopback } from "../serve/loopback.ts";

const FEED = "/api/v1/sweep";
/** Lines of an answer at most; who follows asks again. */
const MOST_LINES = 5000;
/** Who has asked within this time is there still, and is told how it ended. */
const FOLLOWS_MS = 3000;

export interface ServedSweep {
  /** The page that follows the sweep. */
  readonly url: string;
  /** No more results come: whoever follows hears so before the server goes. */
  close(): Promise<void>;
}

/**
 * Shows a sweep in the console while it runs, on this computer only.
 * @param results those that there are; the caller adds to them, in the order of the runs.
 * @throws InputError where the port is taken
 */
export async function serveSweep(sweep: Sweep, results: readonly RunResult[], port: number): Promise<ServedSweep> {
  const pages = await consolePagesIfBuilt();
  let isOver = false;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let told = (): void => {};
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
      assertAllowed(request.headers, { port: server.port });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return reply(error.status, { error: error.message });
    }
    const from = Number(searchParams.get("from") ?? 0);
    if (pathname !== FEED) return reply(404, { error: `a running sweep has ${FEED} only` });
    if (request.method !== "GET") return reply(405, { error: "GET only" });
    if (!Number.isInteger(from) || from < 0)
      return reply(400, { error: "from: expected a line of the results, from 0" });
    askedAtMs = performance.now();
    const lines = linesFrom(from);
    const over = isOver && from + lines.length > results.length;
    reply(200, { lines, over });
    if (over) told();
  };
  const server: LoopbackServer = await serveLoopback(port, answer);
  return {
    url: `${server.url}#sweep`,
    async close() {
      isOver = true;
      if (performance.now() - askedAtMs < FOLLOWS_MS)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, FOLLOWS_MS);
          told = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      await server.close();
    },
  };
}
