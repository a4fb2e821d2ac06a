import fc from "fast-check";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Place = readonly (string | number)[];

/** Where values stand in a document, the document itself first. */
function placesIn(value: Json, place: Place = []): Place[] {
  if (value === null || typeof value !== "object") return [place];
  return [place, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...place, key]))];
}

const odd: readonly Json[] = [
  null,
  true,
  "",
  [],
  {},
  0,
  -1,
  0.5,
  2 ** 53,
  1e300,
  "constructor",
  "__proto__",
  "1P",
  "0x",
  "${d0.first}",
  "${nobody.3}",
  "0-99999",
  "-1",
  "6.12",
  "all&node:9",
];

export interface Mutation {
  readonly at: number;
  readonly how: "remove" | "double" | "replace" | "rename" | "swap";
  readonly with: Json;
  readonly other: number;
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom("remove", "double", "replace", "rename", "swap"),
  with: fc.constantFrom(...odd),
  other: fc.nat(),
});

type Holder = Record<string, Json>;

function within(value: Json, place: Place): Json {
  let inner = value;
  for (const key of place) inner = (inner as Holder)[key] ?? null;
  return inner;
}

/** The document with one value removed, doubled, replaced, under another name, or in another's place. */
export function mutated(original: unknown, { at, how, with: value, other }: Mutation): unknown {
  const document = structuredClone(original) as Json;
  const places = placesIn(document).slice(1);
  const place = places[at % places.length] ?? [];
  const key = place.at(-1);
  if (key === undefined) return value;
  const holder = within(document, place.slice(0, -1));
  const was = within(document, place);
  const list = Array.isArray(holder) ? holder : undefined;
  const fields = holder as Holder;
  if (how === "remove") {
    if (list === undefined) delete fields[key];
    else list.splice(Number(key), 1);
  } else if (how === "double") {
    if (list === undefined) fields[`${key}2`] = was;
    else list.splice(Number(key), 0, structuredClone(was));
  } else if (how === "replace") fields[key] = value;
  else if (how === "rename" && list === undefined) {
    delete fields[key];
    Object.defineProperty(fields, typeof value === "string" ? value : "x", { value: was, enumerable: true });
  } else fields[key] = structuredClone(within(document, places[other % places.length] ?? []));
  return document;
}
