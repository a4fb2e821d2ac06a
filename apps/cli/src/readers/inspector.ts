import { ParseError, parseNumberList } from "@memhp/abi";
import { blockMachine } from "@memhp/block";
import { diagramModel } from "@memhp/diagram";
import type { ActorFilter, Inspection } from "@memhp/inspect";
import type { Arguments } from "../arguments/arguments.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { serveInspector } from "../serve/inspector-server.ts";
import type { RunReader } from "./reader.ts";

export interface RunningInspector {
  readonly reader: RunReader;
  /** Keeps the last picture up until the user has had enough. */
  untilInterrupted(): Promise<void>;
}

const MAX_PORT = 65_535;
const MAX_NODE = 1023;

/** Paths of the states that a block can be in. */
const blockStates = diagramModel(blockMachine).states.map(({ path }) => path);

/**
 * Which blocks `--inspect-blocks`, `--inspect-node` and `--inspect-state` choose.
 * @throws UsageError, also where one of them stands without `--inspect`
 */
export function chosenBlocks(args: Arguments): ActorFilter {
  for (const name of ["inspect-blocks", "inspect-node", "inspect-state", "inspect-port"])
    if (args.flag(name) && !args.flag("inspect")) throw new UsageError(`--${name} needs --inspect`);
  const blocks = args.text("inspect-blocks");
  const node = args.count("inspect-node", MAX_NODE);
  const state = args.text("inspect-state");
  if (state !== undefined && !blockStates.includes(state))
    throw new UsageError(
      `--inspect-state: ${JSON.stringify(state)} is no state of a block (allowed: ${blockStates.join(", ")})`,
    );
  const attributes = {
    ...(blocks === undefined ? {} : { block: blockList(blocks) }),
    ...(node === undefined ? {} : { node: [node] }),
  };
  return {
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    ...(state === undefined ? {} : { states: [state] }),
  };
}

function blockList(text: string): number[] {
  try {
    return parseNumberList(text);
  } catch (error) {
    if (error instanceof ParseError) throw new UsageError(`--inspect-blocks: ${error.message}`);
    throw error;
  }
}

/** Serves the inspector and waits for somebody to look, so that nothing of the run is missed. */
export async function startInspector(choose: ActorFilter, args: Arguments, host: Host): Promise<RunningInspector> {
  const server = await serveInspector(args.count("inspect-port", MAX_PORT) ?? 0);
  host.stderr.write(`XState inspector: ${server.url} (waiting for a viewer)\n`);
  await server.viewed;
  let inspection: Promise<Inspection> | undefined;
  return {
    reader: {
      // Takes its turn before the first step, which waits for the same lock.
      machine(machine) {
        inspection = machine.inspect({ choose }).then((attached) => {
          server.show(attached);
          return attached;
        });
      },
      step: () => void inspection?.then((attached) => attached.flush()),
      end: () => void inspection?.then((attached) => attached.flush()),
    },
    async untilInterrupted() {
      await inspection;
      await host.interrupted();
      (await inspection)?.close();
      await server.close();
    },
  };
}
