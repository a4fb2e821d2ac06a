import { operandsSchema, operations } from "@memhp/scenario";

const problem = {
  description: "Why not",
  content: { "application/json": { schema: { $ref: "#/components/schemas/Problem" } } },
};
const id = { name: "id", in: "path", required: true, schema: { type: "string" } };

function answer(description: string, schema: object = { type: "object" }, type = "application/json"): object {
  return { "200": { description, content: { [type]: { schema } } }, default: problem };
}

const blocks = {
  name: "blocks",
  in: "query",
  schema: { enum: ["each", "runs"], default: "each" },
  description:
    'How state.blocks tells of blocks: each by itself, {"32": ["online", "Normal"], …}, or neighbours that are alike as one, {"32-39": ["online", "Normal"], "40": …}, in no order. The values are state, valid_zones and, of 4.1, removable.',
};

/** The API as an OpenAPI 3.1 document; operands of steps come from the registry of operations. */
export function describeApi(version: string): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "memhp",
      version,
      description: "Simulated machines for memory hotplug. Version 1: fields may come, none go.",
    },
    paths: {
      "/api/v1/": {
        get: {
          summary: "Machines that are up, and who was turned away",
          responses: answer(
            "version, machines, and turned_away: how many were since the server began, by reason (host, origin, token, connections, viewers, too_large, malformed, stalled; missed_events counts those that slow viewers got a snapshot for)",
          ),
        },
      },
      "/api/v1/operations": {
        get: {
          summary: "What can be done to a machine",
          responses: answer("each operation with the JSON Schema of its operands", { type: "array" }),
        },
      },
      "/api/v1/machines": {
        post: {
          summary: "Boots the machine of a scenario and carries its steps out",
          parameters: [{ name: "workers", in: "query", schema: { type: "integer", minimum: 0, maximum: 64 } }],
          requestBody: {
            required: true,
            content: {
              "application/json": { schema: { type: "object", description: "memhp-scenario/1 or a kernel trace" } },
            },
          },
          responses: {
            "201": {
              description: "its head: id, name, kernel, at_ns, blocks",
              content: { "application/json": { schema: { $ref: "#/components/schemas/Head" } } },
            },
            default: problem,
          },
        },
      },
      "/api/v1/machines/{id}": {
        parameters: [id],
        get: {
          summary: "Head, and state of blocks and zones",
          parameters: [blocks],
          responses: answer("head and state"),
        },
        delete: { summary: "Takes the machine down", responses: { "204": { description: "gone" }, default: problem } },
      },
      "/api/v1/machines/{id}/steps": {
        parameters: [id],
        post: {
          summary: "Carries a step out, after those that wait",
          requestBody: {
            required: true,
            content: { "application/json": { schema: { oneOf: operations.map(operandsSchema) } } },
          },
          responses: answer("the step as in a trace: result, uevents, notifications, at_ns, refusal"),
        },
      },
      "/api/v1/machines/{id}/files": {
        parameters: [
          id,
          {
            name: "path",
            in: "query",
            required: true,
            schema: { type: "string" },
            description: "Below /sys, /proc or /dev",
          },
        ],
        get: {
          summary: "Reads a file; one is written by the step write",
          responses: answer("its text", { type: "string" }, "text/plain"),
        },
      },
      "/api/v1/machines/{id}/scenario": {
        parameters: [id],
        get: { summary: "What was done, as a scenario", responses: answer("memhp-scenario/1") },
      },
      "/api/v1/machines/{id}/image": {
        parameters: [id],
        get: {
          summary: "The machine as a file, for --from",
          responses: answer("image", { type: "string", format: "binary" }, "application/gzip"),
        },
      },
      "/api/v1/machines/{id}/events": {
        parameters: [id, blocks],
        get: {
          summary: "A WebSocket, protocol memhp.v1",
          description:
            "First {type: snapshot, seq, missed: 0, id, name, kernel, at_ns, blocks, state}; then {type: events, seq, at_ns, events}. Who is slow, or where thousands happen at once, gets a snapshot that says how many events it stands for (missed). A client may send {type: step, id, step} and gets {type: answer, id, step} or {type: error, id, status, error}; {type: line, id, line}, a line typed at the machine as in memhp shell, and gets {type: printed, id, prompt, texts: [{kind, text}]} (kind printed or wrong); {type: complete, id, line}, and gets {type: candidates, id, prompt, candidates, part}. At most 64 KiB a message. Who takes nothing for 30 seconds though there is something is dropped.",
          responses: { "101": { description: "switching protocols" }, default: problem },
        },
      },
    },
    components: {
      schemas: {
        Problem: {
          type: "object",
          required: ["error"],
          properties: {
            error: { type: "string" },
            refusal: { type: "object", description: "The kernel's, where it refused" },
          },
        },
        Head: {
          type: "object",
          properties: {
            id: { type: "string" },
            name: { type: "string" },
            kernel: { type: "string" },
            at_ns: { type: "integer", description: "simulated nanoseconds" },
            blocks: { type: "integer" },
          },
        },
      },
    },
  };
}
