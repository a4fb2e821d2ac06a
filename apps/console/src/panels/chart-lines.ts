/** What is drawn, each with a dash of its own beside its colour. */
export const lines = [
  { key: "online", name: "online blocks", colour: { light: "#0072b2", dark: "#56b4e9" }, dash: [] },
  { key: "movable", name: "movable blocks", colour: { light: "#00664a", dark: "#00b886" }, dash: [8, 3] },
  { key: "refused", name: "refusals", colour: { light: "#a8360a", dark: "#ff9a70" }, dash: [2, 3] },
] as const;
