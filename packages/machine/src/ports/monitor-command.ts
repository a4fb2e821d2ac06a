import { createQmpSession } from "@memhp/qmp";
import type { Machine } from "../machine.ts";
import { qmpPortOf } from "./qmp-port.ts";

type Json = Readonly<Record<string, unknown>>;

/** One command of QEMU's monitor, as a client of it gives it: `{ return }` or `{ error }`. @throws why the machine has failed, such as WorkerGone. */
export async function executeCommand(machine: Machine, command: string, operands: Json): Promise<Json> {
  const { promise, resolve, reject } = deferred<Json>();
  const send = (line: string): void => {
    const told = JSON.parse(line) as Json;
    if (told["id"] === "step") resolve(told);
  };
  const session = createQmpSession(qmpPortOf(machine), { send, onBug: reject });
  try {
    session.receive(`${JSON.stringify({ execute: "qmp_capabilities" })}\n`);
    session.receive(`${JSON.stringify({ execute: command, arguments: operands, id: "step" })}\n`);
    const { id: _, ...answer } = await promise;
    return answer;
  } finally {
    session.close();
  }
}

/** Promise.withResolvers, which Node 20 does not have. */
function deferred<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
} {
  let settle: Pick<ReturnType<typeof deferred<T>>, "resolve" | "reject"> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...(settle as NonNullable<typeof settle>) };
}
