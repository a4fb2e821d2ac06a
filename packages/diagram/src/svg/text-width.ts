// A picture made without a screen cannot ask how wide a text is. Names and events are set in a monospaced font, whose
// width is known; for descriptions the widths are those of Helvetica and Arial, and a little more.

const MONO_EM = 0.605;
const SPARE = 1.06;

/** Width in pixels of a text in a monospaced font; East Asian characters and emoji take two places. */
export function monoWidth(text: string, fontSize: number): number {
  let places = 0;
  for (const char of text) places += isWide(char) ? 2 : 1;
  return places * MONO_EM * fontSize;
}

/** Width in pixels that a text in a sans-serif font does not exceed. */
function sansWidth(text: string, fontSize: number): number {
  let ems = 0;
  for (const char of text) ems += sansEm(char);
  return ems * fontSize * SPARE;
}

/** Breaks a text into lines of at most `width` pixels; what exceeds `maxLines` ends in an ellipsis. */
export function wrapSans(text: string, fontSize: number, width: number, maxLines: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((word) => word !== "")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line === "" || sansWidth(longer, fontSize) <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  if (line !== "") lines.push(line);
  const kept = lines.slice(0, maxLines);
  const cut = lines.length > maxLines;
  return kept.map((text, i) => fitSans(cut && i === maxLines - 1 ? `${text}…` : text, fontSize, width));
}

/** Shortens one long line from its end. */
function fitSans(text: string, fontSize: number, width: number): string {
  if (sansWidth(text, fontSize) <= width) return text;
  let chars = Array.from(text.replace(/…$/, ""));
  while (chars.length > 1 && sansWidth(`${chars.join("")}…`, fontSize) > width) chars = chars.slice(0, -1);
  return `${chars.join("").trimEnd()}…`;
}

/** Shortens a name or label from its end. */
export function fitMono(text: string, places: number): string {
  const chars = Array.from(text);
  return chars.length <= places ? text : `${chars.slice(0, places - 1).join("")}…`;
}

function isWide(char: string): boolean {
  const code = char.codePointAt(0) as number;
  return (
    code >= 0x1100 &&
    (code <= 0x115f ||
      (code >= 0x2e80 && code <= 0xa4cf) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xff00 && code <= 0xff60) ||
      code >= 0x1f300)
  );
}

function sansEm(char: string): number {
  if (/[ijl'|.,:;!]/.test(char)) return 0.28;
  if (/[ ftrI()[\]/\\`-]/.test(char)) return 0.34;
  if (/[mwMW@%]/.test(char)) return 0.9;
  if (/[A-Z_&]/.test(char)) return 0.7;
  if (isWide(char)) return 1;
  return 0.56;
}
