import { blockMachine } from "@memhp/block";
import { BlockState } from "@memhp/engine";
import { toSvg } from "@memhp/diagram";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef } from "react";
import type { Theme } from "../map/palette.ts";
import type { Command } from "../session/commands.ts";
import type { Session } from "../session/session.ts";
import { timeWords } from "../words/event-words.ts";
import { groupRefusals } from "../words/refusal-words.ts";
import { Reason } from "./answer-view.tsx";
import { blockFile, blockWords } from "./block-line.tsx";

const TRANSITIONS = 12;
const files = ["state", "valid_zones", "removable", "online", "phys_index", "phys_device"];

// Planning is code of its own, needed once a block was chosen.
const OutlookView = lazy(async () => ({ default: (await import("./outlook-view.tsx")).OutlookView }));

interface BlockPanelProps {
  readonly session: Session;
  readonly version: number;
  readonly block: number | undefined;
  readonly theme: Theme;
  readonly busy: boolean;
  readonly run: (command: Command) => void;
}

/** The chosen block: its files, its statechart with the state it is in, how it came there. */
export function BlockPanel({ session, version, block, theme, busy, run }: BlockPanelProps): ReactNode {
  const leaf = block === undefined ? undefined : leafOf(session, block);
  return (
    <aside className="block" aria-label="Chosen block" data-version={version}>
      <h2>{block === undefined ? "A block's statechart" : `memory${block}`}</h2>
      {block !== undefined && <Details session={session} block={block} />}
      {block !== undefined && (
        <Suspense fallback={<p className="quiet">Loading…</p>}>
          <OutlookView session={session} version={version} block={block} busy={busy} run={run} />
        </Suspense>
      )}
      <Statechart leaf={leaf} theme={theme} />
      {block !== undefined && <Transitions session={session} block={block} />}
    </aside>
  );
}

/** Path of the state in the block's statechart: what the table says, and for a block on its way its last event. */
function leafOf(session: Session, block: number): string {
  const state = session.machine.map.blocks.state(block);
  if (state === BlockState.absent) return "gone";
  if (state === BlockState.offline) return "offline";
  if (state === BlockState.online) return "online";
  return (
    session.log.transitionsOf(block, 1)[0]?.to ??
    (state === BlockState.goingOnline ? "going_online.choosing_zone" : "going_offline.checking")
  );
}

function Details({ session, block }: { readonly session: Session; readonly block: number }): ReactNode {
  const { machine } = session;
  const refusal = session.log.lastRefusalOf(block)?.refusal;
  return (
    <>
      <p className="quiet">{blockWords(machine, block).split(" · ").slice(1, 3).join(" · ")}</p>
      <dl className="files">
        {files.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{blockFile(machine, block, name) || "–"}</dd>
          </div>
        ))}
      </dl>
      {refusal !== undefined && (
        <details className="last-refusal">
          <summary>
            Last refusal: {String(refusal.errno)} <code>{refusal.code}</code>
          </summary>
          <Reason group={groupRefusals([refusal])[0] as ReturnType<typeof groupRefusals>[number]} />
        </details>
      )}
    </>
  );
}

/** Drawn from the machine definition that the simulation itself runs. */
function Statechart({ leaf, theme }: { readonly leaf: string | undefined; readonly theme: Theme }): ReactNode {
  const svg = useMemo(
    () =>
      toSvg(blockMachine, {
        theme,
        ...(leaf === undefined ? {} : { current: leaf }),
        descriptions: false,
        actions: false,
      }),
    [leaf, theme],
  );
  // The text is built by @memhp/diagram from the machine definition, with everything escaped.
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    const state = element?.querySelector(`[data-state="${leaf}"]`);
    if (element === null || state === undefined || state === null) return undefined;
    const reveal = (): void => {
      // Only the box scrolls, not the page around it.
      const offset = state.getBoundingClientRect().top - element.getBoundingClientRect().top;
      if (offset < 0 || offset > element.clientHeight - 40) element.scrollTop += offset - element.clientHeight / 2;
    };
    // The box shrinks when more is said of the block.
    const observer = new ResizeObserver(reveal);
    observer.observe(element);
    return () => observer.disconnect();
  }, [leaf]);
  return (
    <div
      ref={box}
      className="statechart"
      tabIndex={0}
      role="group"
      aria-label="Statechart"
      data-current={leaf}
      dangerouslySetInnerHTML={{ __html: svg }}
    />
  );
}

function Transitions({ session, block }: { readonly session: Session; readonly block: number }): ReactNode {
  const transitions = session.log.transitionsOf(block, TRANSITIONS);
  return (
    <>
      <h3>Last transitions</h3>
      {transitions.length === 0 ? (
        <p className="quiet">None since boot.</p>
      ) : (
        <ol className="transitions" aria-label="Last transitions">
          {transitions.map(({ atNs, seq, from, to }, i) => (
            <li key={`${atNs} ${seq}`}>
              <span>{timeWords(atNs)}</span> {i === transitions.length - 1 && <span>{from} → </span>}
              <b>{to}</b>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
