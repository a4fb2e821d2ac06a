import { checkRequest, operations } from "@memhp/scenario";
import { describe, expect, test } from "vitest";
import { operationViews } from "../src/session/operations.ts";
import { operandsOf, stepOf, type Typed } from "../src/session/operands.ts";

function viewOf(name: string) {
  const view = operationViews.find(({ op }) => op === name);
  if (view === undefined) throw new Error(`no operation ${name}`);
  return view;
}

const stepped = (op: string, typed: Typed): unknown => stepOf(op, viewOf(op).operands, typed);

/** What a person would type to get an operation's example. */
function typedOf(example: Readonly<Record<string, unknown>>): Typed {
  const typed: Record<string, string> = {};
  for (const [name, value] of Object.entries(example))
    if (Array.isArray(value)) typed[name] = value.join(", ");
    else if (typeof value === "object" && value !== null)
      for (const [inner, text] of Object.entries(value)) typed[`${name}.${inner}`] = String(text);
    else if (name !== "op") typed[name] = String(value);
  return typed;
}

describe("the form of an operation", () => {
  test.each(operations.map(({ op, example }) => [op, example] as const))(
    "%s can say its example, and has a field for every operand",
    (op, example) => {
      const view = viewOf(op);
      const step = stepOf(op, view.operands, typedOf(example));
      expect(() => checkRequest(step)).not.toThrow();
      // A block or a size may be written as a text or as a number.
      const plain = (request: object): unknown => JSON.parse(JSON.stringify(request).replaceAll(/"(\d+)"/g, "$1"));
      expect(plain(step)).toEqual(plain(example));
      const named = operandsOf(view.operands).map(({ path }) => path.split(".")[0]);
      expect([...new Set(named)]).toEqual(Object.keys(view.operands.properties ?? {}));
    },
  );

  test("makes numbers, lists, words and truths of texts; what is empty is not said", () => {
    expect(stepped("load", { id: "db", kind: "anon", size: "1G", nodes: "0, 1", churn: "0.2", pin: "" })).toEqual({
      op: "load",
      id: "db",
      kind: "anon",
      size: "1G",
      nodes: [0, 1],
      churn: 0.2,
    });
    expect(stepped("kernel_pages", { blocks: "3", present: "false" })).toMatchObject({ blocks: "3", present: false });
    expect(stepped("agent", { id: "a", stop: "true" })).toEqual({ op: "agent", id: "a", stop: true });
    expect(stepped("inject", { errno: "0" })).toEqual({ op: "inject", errno: 0 });
    expect(stepped("qmp", { cmd: "device_del", args: '{"id":"d0"}' })).toMatchObject({ args: { id: "d0" } });
  });

  test("hands on what fits no field, so that the operation says what is wrong", () => {
    expect(stepped("wait", { s: "soon" })).toEqual({ op: "wait", s: "soon" });
    expect(stepped("qmp", { args: "{" })).toEqual({ op: "qmp", args: "{" });
  });

  test("offers words, and says what may stand there", () => {
    const fields = operandsOf(viewOf("dimm_add").operands);
    expect(fields.filter(({ required }) => required).map(({ path }) => path)).toEqual(["id", "size"]);
    expect(fields.find(({ path }) => path === "size")?.placeholder).toBe("128M");
    const action = operandsOf(viewOf("container").operands).find(({ path }) => path === "action");
    expect(action).toMatchObject({ kind: "choice", choices: ["add", "eject", "online", "offline"] });
  });
});
