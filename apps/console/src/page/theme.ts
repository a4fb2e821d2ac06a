import { useEffect, useState } from "react";
import type { Theme } from "../map/palette.ts";

export type ThemeChoice = "system" | Theme;
export const themeChoices: readonly ThemeChoice[] = ["system", "light", "dark"];

const KEY = "memhp-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(KEY);
    return themeChoices.find((choice) => choice === value) ?? "system";
  } catch {
    // Storage may be closed to this page; then the choice lasts as long as the page.
    return "system";
  }
}

/** The theme that the page shows, and the choice behind it. */
export function useTheme(): {
  readonly theme: Theme;
  readonly choice: ThemeChoice;
  readonly choose: (choice: ThemeChoice) => void;
} {
  const [choice, setChoice] = useState<ThemeChoice>(stored);
  const [systemDark, setSystemDark] = useState(dark.matches);
  useEffect(() => {
    const changed = (): void => setSystemDark(dark.matches);
    dark.addEventListener("change", changed);
    return () => dark.removeEventListener("change", changed);
  }, []);
  const theme: Theme = choice === "system" ? (systemDark ? "dark" : "light") : choice;
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const choose = (next: ThemeChoice): void => {
    setChoice(next);
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // As above.
    }
  };
  return { theme, choice, choose };
}
