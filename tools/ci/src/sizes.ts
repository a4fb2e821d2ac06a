/** A package may grow by so much before somebody has to say that it did. */
const ROOM = 1.05;
const ROOM_BYTES = 300;

/** What is wrong with a size; undefined where it is as stated, or smaller. Bytes. */
export function sizeProblem(stated: number | undefined, bytes: number): string | undefined {
  if (stated === undefined) return "sizes.json states no size (tools/ci/src/check-browser.ts --write)";
  if (bytes <= stated * ROOM + ROOM_BYTES) return undefined;
  return `${bytes} bytes (gzip), ${stated} were stated: make it smaller, or state it (tools/ci/src/check-browser.ts --write)`;
}
