import { createQmpSession } from "@memhp/qmp";
import type { Machine } from "../machine.ts";
import { qmpPortOf } from "./qmp-port.ts";

type Json = Readonly<Record<string, unknown>>;

/** One command of QEMU's monitor, as a client of it gives it: `{ return }` or `{ error }`. */
export async function executeCommand(machine: Machine, command: string, operands: Json): Promise<Json> {
  const lines: string[] = [];
  const session = createQmpSession(qmpPortOf(machine), { send: (line) => void lines.push(line) });
  session.receive(`${JSON.stringify({ execute: "qmp_capabilities" })}\n`);
  session.receive(`${JSON.stringify({ execute: command, arguments: operands, id: "step" })}\n`);
  // A port of this machine answers at once.
  session.close();
  const { id: _, ...answer } = lines.map((line) => JSON.parse(line) as Json).find(({ id }) => id === "step") ?? {};
  return answer;
}
