import type { Locator, Page } from "playwright-core";
import type { Hands } from "./hands.ts";

/** More stops than the page ever has. */
const MOST_STOPS = 250;

/** Types only, and never looks for the pointer. @throws Error for what no key reaches, and for a focus that nobody sees */
export function keyboard(page: Page): Hands {
  const reach = (what: Locator): Promise<void> => reached(page, what);
  return {
    page,
    async press(what) {
      await reach(what);
      const isBox = await what.evaluate((element) => element.matches("input[type=checkbox], input[type=radio]"));
      await page.keyboard.press(isBox ? "Space" : "Enter");
    },
    async write(field, text) {
      await reach(field);
      await page.keyboard.press("Control+a");
      await page.keyboard.type(text);
    },
    async choose(list, value) {
      await reach(list);
      await page.waitForFunction(
        ([element, wanted]) => [...(element as HTMLSelectElement).options].some((option) => option.value === wanted),
        [await list.elementHandle(), value] as const,
      );
      const by = await list.evaluate((element, wanted) => {
        const { options, selectedIndex } = element as HTMLSelectElement;
        return [...options].findIndex((option) => option.value === wanted) - selectedIndex;
      }, value);
      await pressOften(page, by > 0 ? { key: "ArrowDown", code: 40 } : { key: "ArrowUp", code: 38 }, Math.abs(by));
    },
    tab: async (name) => reach(page.getByRole("tab", { name, exact: true })),
    restOn: reach,
    async give(field, file) {
      const choosing = page.waitForEvent("filechooser");
      // By then the browser asks the test and no person.
      await reach(field);
      await page.keyboard.press("Enter");
      await (await choosing).setFiles(file);
    },
    async key(what, key) {
      await reach(what);
      await page.keyboard.press(key);
    },
  };
}

/** Where somebody who types goes on from; the page's body is nowhere. */
export const isNowhere = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.activeElement === document.body);

/** Where the focus is, seen from what is wanted: so many stops of Tab away, or among the things that arrows choose from. */
type Way =
  | { readonly is: "there" }
  | { readonly is: "lost" }
  | { readonly is: "stops"; readonly by: number }
  | { readonly is: "arrows"; readonly by: number };

interface Key {
  readonly key: string;
  /** That of Windows, by which Chromium knows it. */
  readonly code: number;
  readonly withShift?: boolean;
}

const stopKey = (by: number): Key => ({ key: "Tab", code: 9, withShift: by < 0 });
const arrowKey = (by: number): Key => (by < 0 ? { key: "ArrowLeft", code: 37 } : { key: "ArrowRight", code: 39 });

/** One after another as a hand that is too quick to watch: the page need not be drawn at every stop on the way. */
async function pressOften(page: Page, { key, code, withShift = false }: Key, times: number): Promise<void> {
  const client = await page.context().newCDPSession(page);
  const stroke = { key, code: key, windowsVirtualKeyCode: code, modifiers: withShift ? 8 : 0 };
  const strokes = Array.from({ length: times }, () => ["rawKeyDown", "keyUp"] as const).flat();
  await Promise.all(strokes.map((type) => client.send("Input.dispatchKeyEvent", { type, ...stroke })));
  await client.detach();
}

async function reached(page: Page, what: Locator): Promise<void> {
  await what.waitFor();
  for (let pressed = 0; pressed < MOST_STOPS;) {
    const way = await what.evaluate(wayTo);
    if (way.is === "there") {
      const wrong = await what.evaluate(unseen);
      if (wrong !== "") throw new Error(`the focus is on ${String(what)}, but ${wrong}`);
      return;
    }
    if (way.is === "lost") throw new Error(`no key reaches ${String(what)}`);
    // What takes the focus may bring other stops, so the way is looked at anew.
    await pressOften(page, way.is === "stops" ? stopKey(way.by) : arrowKey(way.by), Math.abs(way.by));
    pressed += Math.abs(way.by);
  }
  throw new Error(`the focus never came to ${String(what)}`);
}

/** Runs in the page, and only looks. */
function wayTo(wanted: Element): Way {
  const isTabbable = (element: Element): boolean =>
    (element as HTMLElement).tabIndex >= 0 &&
    !element.matches(":disabled, [inert] *") &&
    element.checkVisibility({ visibilityProperty: true });
  const focused = document.activeElement ?? document.body;
  if (focused === wanted) return { is: "there" };
  const dialog = document.querySelector("dialog:modal");
  const all = [...(dialog ?? document).querySelectorAll("*")];
  // Of a group that arrows choose from, one is a stop.
  const group = isTabbable(wanted) ? null : wanted.closest("[role=tablist]");
  const members = group === null ? [] : [...group.querySelectorAll("[role=tab]")];
  if (members.includes(focused)) return { is: "arrows", by: members.indexOf(wanted) - members.indexOf(focused) };
  const target = group === null ? wanted : members.find(isTabbable);
  if (target === undefined || !isTabbable(target) || !all.includes(target)) return { is: "lost" };
  const between = (from: Element, to: Element): number =>
    all.filter(
      (each) =>
        isTabbable(each) &&
        (from.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0 &&
        (to === each || (to.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_PRECEDING) !== 0),
    ).length;
  const isAfter =
    focused === document.body || (focused.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  return { is: "stops", by: isAfter ? between(focused, target) : -between(target, focused) };
}

/** Runs in the page: what is wrong with the focus as it is shown; empty where a person sees it. */
function unseen(element: Element): string {
  const { top, bottom, left, right, width, height } = element.getBoundingClientRect();
  if (width < 2 || height < 2) return "it has no size";
  if (bottom < 1 || right < 1 || top > innerHeight - 1 || left > innerWidth - 1) return "it is outside of the window";
  const shows = (each: Element, pseudo?: string): boolean => {
    const { outlineStyle, outlineWidth, content, borderTopStyle } = getComputedStyle(each, pseudo);
    const isOutlined = outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0;
    return isOutlined || (pseudo !== undefined && content !== "none" && borderTopStyle === "solid");
  };
  // Of what fills a frame, the frame shows it; of a state of a statechart, its box.
  const around = [element, element.parentElement, element.parentElement?.parentElement].flatMap((each) => each ?? []);
  const isShown = around.some((each) => shows(each) || shows(each, "::after"));
  const [, focusColour = ""] = /(#\w+)/.exec(getComputedStyle(element).getPropertyValue("--focus")) ?? [];
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(focusColour.slice(at, at + 2), 16));
  const box = element.querySelector(":scope > rect");
  const isDrawn = box !== null && getComputedStyle(box).stroke === `rgb(${red}, ${green}, ${blue})`;
  return isShown || isDrawn ? "" : "nothing shows it";
}
