import { type ReactNode, useState } from "react";
import type { DimmView } from "../host/views.ts";
import { Missing, Part } from "../page/part.tsx";
import type { RemoteSession } from "../remote/remote-session.ts";
import { useOperations } from "../remote/use-operations.ts";
import type { Answer } from "../session/answer.ts";
import { asked, type Asked } from "../session/asked.ts";
import { countWords, sizeWords } from "../words/size-words.ts";
import { useVirtualList } from "./virtual-list.ts";

interface DimmPanelProps {
  readonly session: RemoteSession;
  readonly answer: Answer | undefined;
  readonly blocked: boolean;
  readonly run: (asked: Asked) => void;
}

/** Height of a row; a machine may hold thousands of DIMMs, so only those that are seen are drawn. */
const ROW = 28;
/** More nodes than this are given by number instead of chosen from a list. */
const MOST_CHOICES = 64;

// It has nothing to show before the operations are there.
const operationForm = async () => (await import("./operation-form.tsx")).OperationForm;

/** The DIMM slots: insert and eject. */
export function DimmPanel({ session, answer, blocked, run }: DimmPanelProps): ReactNode {
  const { dimms, dimmNodes, slots } = session.view;
  const nodes = dimmNodes.map((n) => [String(n), `node ${n}`] as const);
  const { operations, failed, again } = useOperations(session);
  const form = {
    session,
    op: "dimm_add",
    name: "Insert a DIMM",
    submit: "Insert DIMM",
    first: { node: "0", size: "1G" },
    shown: ["node", "size", "addr"],
    hints: {
      id: { label: "Name", placeholder: "next free" },
      node: { label: "Node", ...(nodes.length > MOST_CHOICES ? {} : { choices: nodes }) },
      size: { label: "Size" },
      addr: { label: "Address", placeholder: "next free" },
      slot: { label: "Slot", placeholder: "next free" },
    },
    freshId: "d",
    answer,
    blocked,
    run,
  };
  return (
    <section className="panel" aria-label="DIMMs">
      <h2>
        DIMMs <small>{`${countWords(dimms.length)} of ${countWords(slots)} slots`}</small>
      </h2>
      {failed !== "" && <Missing text={failed} again={again} />}
      {operations === undefined && failed === "" && <p className="quiet insert-form">Loading…</p>}
      {operations !== undefined && <Part load={operationForm} name="the form" props={form} />}
      <DimmList dimms={dimms} blocked={blocked} run={run} />
    </section>
  );
}

/** All DIMMs, found by name, node or block; each can be ejected. */
function DimmList({
  dimms,
  blocked,
  run,
}: { readonly dimms: readonly DimmView[] } & Pick<DimmPanelProps, "blocked" | "run">): ReactNode {
  const [wanted, setWanted] = useState("");
  const words = wanted.trim().toLowerCase();
  const shown = words === "" ? dimms : dimms.filter((dimm) => dimmWords(dimm).toLowerCase().includes(words));
  const { scroller, first, end } = useVirtualList(shown.length, ROW, false);
  return (
    <>
      {dimms.length > 12 && (
        <input
          aria-label="Find a DIMM"
          placeholder="find: n512d0, node 512"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
      )}
      <div
        ref={scroller}
        className="dimm-rows"
        style={{ height: Math.min(shown.length, 10) * ROW }}
        tabIndex={shown.length > 10 ? 0 : -1}
        role="group"
        aria-label="DIMMs in the machine"
      >
        <ul className="dimms" style={{ height: shown.length * ROW, paddingTop: first * ROW }}>
          {shown.slice(first, end).map((dimm, i) => (
            <li key={dimm.id} aria-setsize={shown.length} aria-posinset={first + i + 1}>
              <b>{dimm.id}</b>
              <span
                title={dimmWords(dimm)}
              >{`node ${dimm.node} · ${sizeWords(dimm.sizeBytes)} · ${dimm.blocks || "no blocks"}`}</span>
              <button
                type="button"
                aria-disabled={blocked}
                aria-label={`Eject ${dimm.id}`}
                onClick={() => run(asked({ op: "dimm_del", id: dimm.id }))}
              >
                Eject
              </button>
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}

function dimmWords({ id, node, sizeBytes, blocks }: DimmView): string {
  return `${id} · node ${node} · ${sizeWords(sizeBytes)} · ${blocks || "no blocks"}`;
}
