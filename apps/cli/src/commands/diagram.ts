import { blockMachine } from "@memhp/block";
import { deviceTypes } from "@memhp/devices";
import { diagramModel, toMermaid, toSvg } from "@memhp/diagram";
import type { AnyStateMachine } from "xstate";
import type { Command } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-code.ts";

/** The statecharts that the running simulation uses, by the name of the thing. */
export const statecharts: Readonly<Record<string, AnyStateMachine>> = {
  block: blockMachine,
  ...Object.fromEntries(deviceTypes.map(({ id, statechart }) => [id, statechart])),
};

const formats: Readonly<Record<string, (machine: AnyStateMachine) => string>> = {
  mermaid: (machine) => toMermaid(machine),
  svg: (machine) => toSvg(machine),
  json: (machine) => JSON.stringify(diagramModel(machine), undefined, 2),
};

/** A statechart as a picture, ending in one newline. @throws UsageError */
export function diagramText(name: string, format: string): string {
  const machine = Object.hasOwn(statecharts, name) ? statecharts[name] : undefined;
  if (machine === undefined)
    throw new UsageError(`no statechart ${JSON.stringify(name)} (there are: ${Object.keys(statecharts).join(", ")})`);
  const print = Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (print === undefined)
    throw new UsageError(
      `--format: ${JSON.stringify(format)} is not known (allowed: ${Object.keys(formats).join(", ")})`,
    );
  return `${print(machine).trimEnd()}\n`;
}

export const diagram: Command = {
  spec: {
    name: "diagram",
    about: "Prints the statechart of a block or of a kind of memory device as a picture.",
    operands: { name: Object.keys(statecharts).join("|"), min: 1, max: 1 },
    options: { format: { value: "FORMAT", about: "mermaid (unless told otherwise), svg or json" } },
  },
  async run(args, host) {
    const [name = ""] = args.operands;
    host.stdout.write(diagramText(name, args.text("format") ?? "mermaid"));
    return ExitCode.done;
  },
};
