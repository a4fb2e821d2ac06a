import { ParseError, parseNumberList } from "@memhp/abi";
import { deviceTypes } from "@memhp/devices";
import type { ActorChoice, ActorFilter, Inspection } from "@memhp/inspect";
import type { Machine } from "@memhp/machine";
import type { Arguments } from "../arguments/arguments.ts";
import type { OptionSpec } from "../arguments/command-spec.ts";
import { retold, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { InspectorServer } from "../serve/inspector-server.ts";
import type { RunReader } from "./reader.ts";

export interface RunningInspector {
  readonly reader: RunReader;
  /** Keeps the last picture up until the user has had enough. */
  untilInterrupted(): Promise<void>;
}

/** Which actors the inspector shows, and where. */
export const inspectOptions: Readonly<
  Record<"inspect" | "inspect-blocks" | "inspect-node" | "inspect-state" | "inspect-port", OptionSpec>
> = {
  inspect: { about: "Show the statecharts of blocks and devices as they move: prints the address of a page" },
  "inspect-blocks": {
    value: "LIST",
    about: "Blocks to show one by one, such as 32-39,41; the others are counted by node",
  },
  "inspect-node": { value: "N", about: "Show blocks of this node only" },
  "inspect-state": { value: "STATE", about: "Show blocks while they are in this state, such as going_offline" },
  "inspect-port": {
    value: "N",
    about: "Port of the inspector's page and socket; any that is free unless told otherwise",
  },
};

const MAX_PORT = 65_535;
const MAX_NODE = 1023;

/** Paths of the states that a block can be in. */
async function blockStates(): Promise<string[]> {
  const [{ diagramModel }, { blockMachine }] = await Promise.all([import("@memhp/diagram"), import("@memhp/block")]);
  return diagramModel(blockMachine).states.map(({ path }) => path);
}

/**
 * Which blocks `--inspect-blocks`, `--inspect-node` and `--inspect-state` choose.
 * @throws UsageError, also where one of them stands without `--inspect`
 */
export async function chosenBlocks(args: Arguments): Promise<ActorFilter> {
  for (const name of ["inspect-blocks", "inspect-node", "inspect-state", "inspect-port"])
    if (args.flag(name) && !args.flag("inspect")) throw new UsageError(`--${name} needs --inspect`);
  const blocks = args.text("inspect-blocks");
  const node = args.count("inspect-node", MAX_NODE);
  const state = args.text("inspect-state");
  if (state !== undefined) {
    const known = await blockStates();
    if (!known.includes(state))
      throw new UsageError(
        `--inspect-state: ${JSON.stringify(state)} is no state of a block (allowed: ${known.join(", ")})`,
      );
  }
  const attributes = {
    ...(blocks === undefined
      ? {}
      : { block: retold(() => parseNumberList(blocks), ParseError, UsageError, "--inspect-blocks: ") }),
    ...(node === undefined ? {} : { node: [node] }),
  };
  return {
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    ...(state === undefined ? {} : { states: [state] }),
  };
}

/** Whichever blocks are chosen, devices are shown one by one. */
function withDevices(blocks: ActorFilter): ActorChoice {
  if (Object.keys(blocks).length === 0) return blocks;
  return [blocks, { attributes: { device: deviceTypes.map(({ statechart }) => statechart.id) } }];
}

async function serve(args: Arguments, host: Host, besides: string): Promise<InspectorServer> {
  const { serveInspector } = await import("../serve/inspector-server.ts");
  const server = await serveInspector(args.count("inspect-port", MAX_PORT) ?? 0);
  host.stderr.write(`XState inspector: ${server.url}${besides}\n`);
  host.stderr.write(`  Stately's own, from the internet: ${server.statelyUrl}\n`);
  return server;
}

/** Takes the viewers away, before the machine goes. */
export type EndInspection = () => Promise<void>;

/**
 * What `--inspect` asks for on a machine that somebody works with; nothing waits for a viewer.
 * @returns undefined without `--inspect`
 * @throws UsageError, InputError
 */
export async function inspectAlongside(
  args: Arguments,
  machine: Machine,
  host: Host,
): Promise<EndInspection | undefined> {
  const choose = withDevices(await chosenBlocks(args));
  if (!args.flag("inspect")) return undefined;
  const server = await serve(args, host, "");
  const inspection = await machine.inspect({ choose });
  server.show(inspection);
  return async () => {
    inspection.close();
    await server.close();
  };
}

/** Serves the inspector and waits for somebody to look, so that nothing of the run is missed. */
export async function startInspector(blocks: ActorFilter, args: Arguments, host: Host): Promise<RunningInspector> {
  const choose = withDevices(blocks);
  const server = await serve(args, host, " (waiting for a viewer)");
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
