/** Colours of a picture: for a light or a dark page. */
export type SvgTheme = "light" | "dark";

export interface Colours {
  readonly sheet: string;
  /** Boxes around boxes, by turns, from the outermost on. */
  readonly frames: readonly [string, string];
  readonly frameLine: string;
  readonly state: string;
  readonly stateLine: string;
  readonly name: string;
  readonly text: string;
  readonly line: string;
  readonly label: string;
  readonly current: string;
  readonly currentLine: string;
  /** Text on `currentLine`. */
  readonly onCurrent: string;
}

/** Every text has a contrast of at least 4.5 : 1 to what lies behind it. */
export const COLOURS: Readonly<Record<SvgTheme, Colours>> = {
  light: {
    sheet: "#ffffff",
    frames: ["#f3f5f9", "#e9edf4"],
    frameLine: "#b6c0d0",
    state: "#ffffff",
    stateLine: "#7d8aa0",
    name: "#17202e",
    text: "#505c70",
    line: "#78859a",
    label: "#2b3648",
    current: "#fff4e0",
    currentLine: "#b45309",
    onCurrent: "#ffffff",
  },
  dark: {
    sheet: "#10151d",
    frames: ["#18202b", "#1f2936"],
    frameLine: "#3c495c",
    state: "#263241",
    stateLine: "#66758c",
    name: "#eef2f8",
    text: "#a9b6c8",
    line: "#7a8aa2",
    label: "#cdd7e5",
    current: "#3d2c12",
    currentLine: "#f5a524",
    onCurrent: "#1b1204",
  },
};
