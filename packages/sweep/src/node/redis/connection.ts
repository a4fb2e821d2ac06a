import type { Redis } from "ioredis";
import { SweepError } from "../../sweep-error.ts";

/** A connection that goes on trying when Redis is away for a while. */
export async function connect(url: string): Promise<Redis> {
  const { Redis } = await import("ioredis");
  const isUrl = /^(?:rediss?|unix):\/\//.test(url);
  if (!isUrl && !url.startsWith("/"))
    throw new SweepError(
      `${JSON.stringify(shownUrl(url))} is no address of Redis (redis://, rediss:// or the path of a socket)`,
    );
  // What BullMQ asks of a connection on which it waits.
  const redis = new Redis(url.replace(/^unix:\/\//, ""), {
    maxRetriesPerRequest: null,
    lazyConnect: true,
    retryStrategy,
  });
  let last: Error | undefined;
  redis.on("error", (error) => (last = error));
  const failed = new Promise<never>((_, reject) => {
    redis.once("close", () => reject(last ?? new Error("the connection was closed")));
  });
  try {
    await Promise.race([redis.connect(), failed]);
    await Promise.race([redis.ping(), failed]);
  } catch (error) {
    redis.disconnect();
    throw new SweepError(`Redis at ${shownUrl(url)}: ${(last ?? (error as Error)).message}`);
  }
  failed.catch(() => {});
  return redis;
}

/** Another connection to the same, for who listens or waits. It connects again by itself. */
export function another(redis: Redis): Redis {
  const beside = redis.duplicate({ lazyConnect: false });
  beside.on("error", () => {});
  return beside;
}

const LONGEST_PAUSE_MS = 1000;

function retryStrategy(times: number): number {
  return Math.min(50 * times, LONGEST_PAUSE_MS);
}

/** An address without its password. */
function shownUrl(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//***@");
}
