import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Contents } from "../page/file-contents.ts";
import { followed } from "../remote/followed.ts";
import { listServed, type Served, servedImage, watchServed } from "../remote/served-machines.ts";

interface ServerMachinesProps {
  readonly open: (source: string, contents: () => Promise<Contents>) => void;
}

/** `#attach=m0` in the address that `memhp serve`, `run`, `shell` or `mount` prints; null in any other page. */
const attached = new URLSearchParams(location.hash.slice(1)).get("attach");

/** Machines of the server that this page came from, the one of the address followed from the start. */
export function ServerMachines({ open }: ServerMachinesProps): ReactNode {
  const [machines, setMachines] = useState<readonly Served[]>([]);
  const [wanted, setWanted] = useState(attached);
  const newest = useRef(open);
  newest.current = open;
  useEffect(() => {
    if (attached === null) return undefined;
    const stop = new AbortController();
    void listServed(stop.signal).then(setMachines);
    return () => stop.abort();
  }, []);
  useEffect(() => {
    const machine = machines.find(({ id }) => id === wanted);
    followed.follow(machine);
    if (machine === undefined) return undefined;
    return watchServed(machine.id, () => newest.current(machine.name, () => servedImage(machine.id)));
  }, [machines, wanted]);
  if (machines.length === 0) return null;
  return (
    <section className="panel" aria-label="Machines of the server">
      <h2>On this server</h2>
      <p className="quiet">
        What opens is a copy as of now: what you do to it stays in this page. The terminal of one that is followed acts
        on the server.
      </p>
      {machines.map(({ id, name, kernel }) => (
        <div className="row" key={id}>
          <span>{`${name}, ${kernel}`}</span>
          <button type="button" onClick={() => open(name, () => servedImage(id))}>
            Open
          </button>
          <label>
            <input
              type="checkbox"
              checked={wanted === id}
              onChange={(event) => setWanted(event.target.checked ? id : null)}
            />
            Follow
          </label>
        </div>
      ))}
    </section>
  );
}
