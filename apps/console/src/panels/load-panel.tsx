import { type LoadKind, loadKinds } from "@memhp/engine";
import { type ReactNode, useState } from "react";
import type { RemoteSession } from "../remote/remote-session.ts";
import type { Answer } from "../session/answer.ts";
import { asked, type Asked } from "../session/asked.ts";
import { sizeWords } from "../words/size-words.ts";
import { OperationForm } from "./operation-form.tsx";

interface LoadPanelProps {
  readonly session: RemoteSession;
  readonly answer: Answer | undefined;
  readonly blocked: boolean;
  readonly run: (asked: Asked) => void;
}

/** Kinds of loads with what they are to somebody who runs the machine. */
const kindWords: Readonly<Record<LoadKind, string>> = {
  anon: "anon – a program's memory",
  file: "file – page cache",
  shm: "shm – shared memory",
  mlock: "mlock – locked memory",
  thp: "thp – transparent hugepages",
  hugetlb: "hugetlb – hugepages",
  hugetlb_1g: "hugetlb_1g – gigantic hugepages",
  slab: "slab – kernel objects",
  dentry: "dentry – kernel caches",
  pagetable: "pagetable – page tables",
  pipe: "pipe – pipe buffers",
  pinned: "pinned – pinned by a device",
  balloon: "balloon – taken by a hypervisor",
  secret: "secret – memfd_secret",
  kernel: "kernel – other kernel memory",
};
const drops = [
  ["1", "1 – page cache"],
  ["2", "2 – reclaimable slab"],
  ["3", "3 – both"],
] as const;
const policies = [
  ["", "prefer – elsewhere when full"],
  ["bind", "bind – only there"],
] as const;
const pins = [
  ["short", "short"],
  ["long", "long – not in Movable (6.x)"],
] as const;
/** Lists longer than this are cut. */
const SHOWN = 64;

/** Programs that use memory: start one, end one; and caches to drop. */
export function LoadPanel({ session, answer, blocked, run }: LoadPanelProps): ReactNode {
  const { loads: running, loadNodes: nodes } = session.view;
  const [drop, setDrop] = useState<"1" | "2" | "3">("3");
  const places = [
    ["", "any node"],
    ["all", "all nodes by turns"],
    ...nodes.map((node) => [String(node), `node ${node}`] as const),
  ] as const;
  return (
    <>
      <OperationForm
        session={session}
        op="load"
        name="Start a load"
        submit="Start load"
        first={{ kind: "anon", size: "256M", pin: "short" }}
        shown={["id", "kind", "size", "node", "policy", "pin", "churn"]}
        hints={{
          id: { label: "Name", placeholder: "next free" },
          kind: { label: "Kind", choices: loadKinds.map((kind) => [kind, kindWords[kind]] as const) },
          size: { label: "Size" },
          node: { label: "Where", choices: places },
          nodes: { label: "Nodes", placeholder: "0, 1, by turns" },
          policy: { label: "Policy", choices: policies, when: ({ node = "", nodes: some = "" }) => node + some !== "" },
          pin: { label: "Pin", choices: pins, when: ({ kind }) => kind === "pinned" },
          churn: { label: "Churn", placeholder: "0.2: a fifth every second" },
          for: { label: "Ends after, s", placeholder: "when it is ended" },
        }}
        reading={({ node = "", pin = "", policy = "", ...typed }) => ({
          ...typed,
          ...(node === "all" ? { nodes: nodes.join(",") } : { node }),
          ...(typed["kind"] === "pinned" ? { pin } : {}),
          ...(node === "" && (typed["nodes"] ?? "") === "" ? {} : { policy: node === "all" ? "" : policy }),
        })}
        freshId="load"
        answer={answer}
        blocked={blocked}
        run={run}
      />
      {running.length > 0 && (
        <ul className="loads" aria-label="Running loads">
          {running.slice(0, SHOWN).map(({ id, kind, sizeBytes, where }) => (
            <li key={id}>
              <span className="who">
                <b>{id}</b> {`${kind} ${sizeWords(sizeBytes)}`}
              </span>
              <span className="buttons">
                {kind === "pinned" && (
                  <button
                    type="button"
                    aria-disabled={blocked}
                    aria-label={`Unpin ${id}`}
                    onClick={() => run(asked({ op: "unpin", id }))}
                  >
                    Unpin
                  </button>
                )}
                <button
                  type="button"
                  aria-disabled={blocked}
                  aria-label={`End ${id}`}
                  onClick={() => run(asked({ op: "unload", id }))}
                >
                  End
                </button>
              </span>
              <span className="where">{where}</span>
            </li>
          ))}
        </ul>
      )}
      {running.length > SHOWN && <p className="quiet">{`and ${running.length - SHOWN} more`}</p>}
      <div className="row">
        <select
          aria-label="Caches to drop"
          value={drop}
          onChange={(event) => setDrop(event.target.value as typeof drop)}
        >
          {drops.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
        <button
          type="button"
          aria-disabled={blocked}
          onClick={() => run(asked({ op: "write", path: "/proc/sys/vm/drop_caches", data: drop }))}
        >
          Drop caches
        </button>
      </div>
    </>
  );
}
