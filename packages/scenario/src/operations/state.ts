import { recordedState, stateFields } from "./compared.ts";
import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

export const state: Operation = operation({
  op: "state",
  about: "The compact state of all blocks and zones, which 4.1's recorder kept after each write",
  operands: Type.Object({}),
  acts: { on: "target", perform: async ({ looks }) => ({ result: await looks.state() }) },
  onlyLooks: true,
  asked: () => "state",
  recorded: recordedState,
  compared: stateFields,
  staysInMachine: true,
  example: { op: "state" },
});
