import { operations, operandsSchema } from "@memhp/scenario";
import { Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Tally } from "../tally.ts";
import { countRefusal } from "./access.ts";
import { ApiError } from "./api-error.ts";
import { describeApi } from "./describe.ts";
import type { MachineRoom } from "./machine-room.ts";
import { stateBlocks } from "./served-machine.ts";

/** Of a scenario or a step. */
const MAX_BODY_BYTES = 8 * 2 ** 20;
const MAX_WORKERS = 64;

/** `/api/v1`: what a program or the page asks over HTTP. Bad requests are `{error}` with a status, and where the kernel refused, its `refusal` besides. */
export function apiRoutes(room: MachineRoom, version: string, tally: () => Tally): Hono {
  const api = new Hono({ strict: false }).basePath("/api/v1");

  api.get("/", (c) => c.json({ version, machines: room.list().map(({ head }) => head), turned_away: tally().counts }));
  api.get("/openapi.json", (c) => c.json(describeApi(version)));
  api.get("/operations", (c) =>
    c.json(
      operations.map((each) => ({
        op: each.op,
        about: each.about,
        operands: operandsSchema(each),
        example: each.example,
      })),
    ),
  );

  api.post("/machines", async (c) => {
    const workers = wholeNumber(c.req.query("workers") ?? "0", "workers", MAX_WORKERS);
    const machine = await room.boot(await json(c.req.raw), workers);
    return c.json(machine.head, 201, { location: `/api/v1/machines/${machine.id}` });
  });
  api.get("/machines/:id", (c) => {
    const machine = room.get(c.req.param("id"));
    return c.json({ ...machine.head, state: machine.state(stateBlocks(c.req.query("blocks"))) });
  });
  api.delete("/machines/:id", async (c) => {
    await room.remove(c.req.param("id"));
    return c.body(null, 204);
  });
  api.post("/machines/:id/steps", async (c) => {
    const machine = room.get(c.req.param("id"));
    return c.json(await machine.perform(await json(c.req.raw)));
  });
  api.get("/machines/:id/files", (c) => {
    const path = c.req.query("path");
    if (path === undefined || !path.startsWith("/")) throw new ApiError(400, "path: expected an absolute path");
    return c.text(room.get(c.req.param("id")).read(path));
  });
  api.get("/machines/:id/scenario", (c) => c.json(room.get(c.req.param("id")).scenario()));
  api.get("/machines/:id/image", async (c) => {
    const image = await room.get(c.req.param("id")).image();
    return c.body(image, 200, { "content-type": "application/gzip" });
  });

  api.notFound((c) =>
    c.json({ error: `no ${c.req.method} ${c.req.path.slice(0, 200)} (see /api/v1/openapi.json)` }, 404),
  );
  api.onError((error, c) => {
    if (error instanceof ApiError) {
      const { message, refusal, status } = error;
      countRefusal(tally(), error);
      const body = refusal === undefined ? { error: message } : { error: message, refusal };
      return c.json(body, status as ContentfulStatusCode);
    }
    return c.json({ error: `memhp bug: ${error.message}` }, 500);
  });
  return api;
}

/** @throws ApiError */
async function json(request: Request): Promise<unknown> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > MAX_BODY_BYTES) throw tooLarge();
  if (!(request.headers.get("content-type") ?? "").startsWith("application/json"))
    throw new ApiError(400, "content-type: expected application/json");
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of request.body ?? []) {
    text += decoder.decode(piece as Uint8Array, { stream: true });
    if (text.length > MAX_BODY_BYTES) throw tooLarge();
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(400, `the body is no JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}

function tooLarge(): ApiError {
  return new ApiError(413, `a body has at most ${MAX_BODY_BYTES} bytes`);
}

function wholeNumber(text: string, name: string, most: number): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) > most)
    throw new ApiError(400, `${name}: expected 0..${most}, found ${JSON.stringify(text.slice(0, 40))}`);
  return Number(text);
}
