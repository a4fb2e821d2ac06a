import type { TObject } from "@sinclair/typebox";
import { recordedState } from "../operations/compared.ts";
import { Type } from "./type.ts";

/** Most steps of a document. */
const MAX_STEPS = 100_000;
/** Most boot blocks that `given` may name. */
const MAX_GIVEN = 1 << 20;

const name = Type.Optional(Type.String({ maxLength: 1024 }));
const about = Type.Optional(Type.String({ maxLength: 1 << 16 }));
/** Texts that nobody reads here may hold anything. */
const unread = Type.Optional(Type.Unknown());

const common = {
  name,
  about,
  kernel: Type.String({ maxLength: 256 }),
  machine: Type.Record(Type.String(), Type.Unknown()),
  given: Type.Optional(
    Type.Object(
      {
        unmovable_boot_blocks: Type.Optional(
          Type.Array(Type.Integer({ minimum: 0, maximum: MAX_GIVEN }), {
            maxItems: MAX_GIVEN,
            title: "a list of block numbers",
          }),
        ),
      },
      {
        additionalProperties: false,
        description: "What no simulator can know: the boot blocks that hold the kernel's own pages",
      },
    ),
  ),
  steps: Type.Array(Type.Unknown(), { maxItems: MAX_STEPS }),
};

/** A switch as YAML or a .config has it. */
const onOrOff = Type.Union([Type.Boolean(), Type.String({ pattern: "^[yn]$" })], { title: "true, false, y or n" });

export const scenarioSchema: TObject = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    format: Type.String(),
    ...common,
    config: Type.Optional(
      Type.Record(Type.String({ maxLength: 64 }), onOrOff, {
        description: "Switches that the kernel is built with instead of its own: { MEMORY_HOTREMOVE: false }",
      }),
    ),
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: "Draws of loads that churn, and whatever else is left to chance; 0 unless told otherwise",
      }),
    ),
  },
  { additionalProperties: false },
);

/** A kernel trace: what its recorder knows besides is known by name. */
export const traceSchema: TObject = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    format: Type.String(),
    ...common,
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
    flavour: Type.Optional(Type.String({ maxLength: 256, description: "The build of its kernel" })),
    recorded: unread,
    boot_log: unread,
  },
  { additionalProperties: false },
);

export const givenOfStep: TObject = Type.Object(
  { unmovable_pages: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
);

const objects = Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown())));

/** A step of a kernel trace: the request, and what the recorder saw. */
export const recordedStep: TObject = Type.Object(
  {
    step: Type.Record(Type.String(), Type.Unknown()),
    given: Type.Optional(givenOfStep),
    result: unread,
    after_state: Type.Optional(recordedState),
    uevents: Type.Optional(Type.Array(Type.Unknown())),
    qmp_events: objects,
    acpi_ost: objects,
    notifications: objects,
    kernel_log: Type.Optional(Type.Array(Type.String())),
  },
  { additionalProperties: false },
);
