// One machine in a page: its blocks, each a button that takes it offline or online. `npm install && npx vite`.
import { refusalSentences } from "@memhp/abi";
import { bootMachine, type Machine, parseMachineSpec } from "@memhp/machine";
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

const MEMORY = "/sys/devices/system/memory";

function stateOf(machine: Machine, block: string): string {
  const found = machine.files.read(`${MEMORY}/${block}/state`);
  return found.ok ? found.value.trim() : "gone";
}

export function Blocks({ kernel }: { readonly kernel: string }) {
  const [machine, setMachine] = useState<Machine>();
  const [said, setSaid] = useState("Click a block.");
  useEffect(() => {
    let booted: Machine | undefined;
    let isGone = false;
    const boot = async (): Promise<void> => {
      booted = await bootMachine(parseMachineSpec({ memory: "1G", nodes: [] }), { kernel });
      if (isGone) await booted.close();
      else setMachine(booted);
    };
    void boot();
    return () => {
      isGone = true;
      void booted?.close();
    };
  }, [kernel]);
  if (machine === undefined) return <p>Booting {kernel} …</p>;
  const names = machine.files.list(MEMORY);
  const blocks = names.ok ? names.value.filter((name) => /^memory\d+$/.test(name)) : [];
  const write = async (block: string): Promise<void> => {
    const word = stateOf(machine, block) === "online" ? "offline" : "online";
    const { errno, refusal } = await machine.files.write(`${MEMORY}/${block}/state`, word);
    setSaid(refusal === undefined ? `${block}: ${word}` : `${errno}: ${refusalSentences(refusal).join(" ")}`);
  };
  return (
    <main>
      {blocks.map((block) => (
        <button key={block} type="button" onClick={() => void write(block)}>
          {block} {stateOf(machine, block)}
        </button>
      ))}
      <p role="status">{said}</p>
    </main>
  );
}

const place = document.getElementById("page");
if (place !== null)
  createRoot(place).render(
    <StrictMode>
      <Blocks kernel="6.12" />
    </StrictMode>,
  );
