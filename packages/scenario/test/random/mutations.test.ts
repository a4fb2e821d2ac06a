import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { DocumentError, readDocument } from "../../src/index.ts";
import { mutated, mutation } from "./mutations.ts";

const examples = new URL("../../examples/", import.meta.url);
const originals = readdirSync(examples)
  .filter((name) => /\.(?:ya?ml|json)$/.test(name))
  .map((name): unknown => parse(readFileSync(new URL(name, examples), "utf8")));

test("a damaged example is read, or refused in one line that names the file", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...originals),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      (original, mutations) => {
        const damaged = mutations.reduce(mutated, original);
        try {
          readDocument(damaged, "damaged.yaml");
        } catch (error) {
          expect(error).toBeInstanceOf(DocumentError);
          expect((error as Error).message).toMatch(/^damaged\.yaml: .{1,2000}$/);
        }
      },
    ),
    { numRuns: 2000, seed: 10 },
  );
});
