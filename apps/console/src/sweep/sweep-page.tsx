import { type ReactNode, useEffect, useState } from "react";
import { contentsOf } from "../page/file-contents.ts";
import { useFileDrop } from "../page/file-drop.ts";
import { useTheme } from "../page/theme.ts";
import { isSweepResults } from "./results-text.ts";
import { followSweep, type SweepFeed } from "./served-sweep.ts";
import { SweepView } from "./sweep-view.tsx";

/** A page of its own for the sweep that the server carries out, or for a file of results. */
export function SweepPage(): ReactNode {
  useTheme();
  const [feed, setFeed] = useState<SweepFeed | undefined>();
  const [file, setFile] = useState<{ readonly source: string; readonly text: string } | undefined>();
  const [problem, setProblem] = useState("");
  useEffect(() => followSweep(setFeed), []);
  const open = async (source: string, contents: Promise<unknown>): Promise<void> => {
    const text = await contents;
    if (isSweepResults(text)) setFile({ source, text });
    setProblem(isSweepResults(text) ? "" : `${source} is no file of results, such as memhp sweep --out writes.`);
  };
  const dropping = useFileDrop((source, text) => void open(source, text()));
  const shown = file ?? (feed?.text ? { source: "the running sweep", text: feed.text } : undefined);
  return (
    <main className="sweep-page" data-over={feed?.isOver} data-dropping={dropping || undefined}>
      {shown !== undefined && (
        <SweepView
          source={shown.source}
          text={shown.text}
          isRunning={file === undefined && feed?.isOver === false}
          lost={file === undefined ? feed?.lost : undefined}
        />
      )}
      {shown === undefined && (
        <p className="quiet">{feed?.lost === undefined ? "Asking the server…" : `No sweep to show: ${feed.lost}.`}</p>
      )}
      {problem !== "" && <p role="alert">{problem}</p>}
      <label className="file">
        <span>A file of results, as memhp sweep --out writes it. It can be dropped anywhere, too</span>
        <input
          type="file"
          accept=".jsonl"
          onChange={(event) => {
            const [chosen] = event.target.files ?? [];
            if (chosen !== undefined) void open(chosen.name, contentsOf(chosen));
          }}
        />
      </label>
    </main>
  );
}
