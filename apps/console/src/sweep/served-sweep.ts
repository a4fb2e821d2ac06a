import { apiAddress, apiHeaders } from "../remote/server-address.ts";

/** What the server of a running sweep tells: all so far, and whether there will be more. */
export interface SweepFeed {
  /** The text of the file of results. */
  readonly text: string;
  readonly isOver: boolean;
  /** Why the server tells no more. */
  readonly lost?: string;
}

const EVERY_MS = 1000;

interface Told {
  /** Lines of the file of results that are new. */
  readonly lines: readonly string[];
  readonly over: boolean;
  /** Which of those who follow this is. */
  readonly as?: number;
}

/** Asks the server that the page came from for what is new, again and again. @returns what ends it. */
export function followSweep(tell: (feed: SweepFeed) => void): () => void {
  const stop = new AbortController();
  let lines: readonly string[] = [];
  let as = 0;
  const feed = (more: Omit<SweepFeed, "text">): void =>
    tell({ text: lines.map((line) => `${line}\n`).join(""), ...more });
  const ask = async (): Promise<void> => {
    try {
      const response = await fetch(apiAddress(`/sweep?from=${lines.length}&as=${as}`), {
        signal: stop.signal,
        headers: apiHeaders(),
      });
      if (!response.ok)
        throw new Error(response.status === 404 ? "this server carries no sweep out" : response.statusText);
      const told = (await response.json()) as Told;
      as = told.as ?? 0;
      lines = [...lines, ...told.lines];
      feed({ isOver: told.over });
      if (!told.over) setTimeout(() => void ask(), EVERY_MS);
    } catch (error) {
      if (stop.signal.aborted) return;
      const { message } = error as Error;
      feed({ isOver: true, lost: error instanceof TypeError ? "the server is gone" : message });
    }
  };
  void ask();
  return () => stop.abort();
}
