import { useEffect } from "react";

/** A focus, and what it was in. */
type Path = readonly Element[];

/**
 * What has the focus may go away by what it does: a form that comes anew, a remedy that helped, a list that closed. Browsers leave the focus
 * nowhere then, and whoever types begins again at the top of the page. It goes to what came in its place, or to what it was in.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let path: Path = [];
    /** Before a dialog opened. */
    let outside: Path = [];
    const remember = ({ target }: FocusEvent): void => {
      const dialog = (target as Element).closest("dialog");
      if (dialog !== null && path[0]?.closest("dialog") !== dialog) outside = path;
      path = pathOf(target as Element);
    };
    const changes = new MutationObserver(() => {
      const [last] = path;
      if (last === undefined || isShown(last) || document.activeElement !== document.body) return;
      const next = successor(path) ?? successor(outside);
      path = [];
      next?.focus({ preventScroll: true });
    });
    addEventListener("focusin", remember);
    changes.observe(document.body, { childList: true, subtree: true });
    return () => {
      removeEventListener("focusin", remember);
      changes.disconnect();
    };
  }, []);
}

function pathOf(element: Element): Path {
  const path: Element[] = [];
  for (let each: Element | null = element; each !== null && each !== document.body; each = each.parentElement)
    path.push(each);
  return path;
}

function isShown(element: Element): boolean {
  return element.isConnected && element.checkVisibility();
}

function successor([last, ...around]: Path): HTMLElement | undefined {
  if (last === undefined) return undefined;
  if (isShown(last)) return last as HTMLElement;
  const home = around.find((each) => isShown(each));
  const isLike = (each: Element): boolean =>
    each.textContent === last.textContent && each.getAttribute("aria-label") === last.getAttribute("aria-label");
  const same = [...(home?.querySelectorAll<HTMLElement>(last.localName) ?? [])].find(isLike);
  return same ?? (around.find((each) => isShown(each) && each.matches("[tabindex]")) as HTMLElement | undefined);
}
