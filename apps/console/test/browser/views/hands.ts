import type { Locator, Page } from "playwright-core";

type FilePayload = Exclude<Parameters<Locator["setInputFiles"]>[0], string | readonly unknown[]>;

/** How a person shows a view: with a pointer, or by the keyboard alone. */
export interface Hands {
  readonly page: Page;
  readonly press: (what: Locator) => Promise<void>;
  readonly write: (field: Locator, text: string) => Promise<void>;
  /** An entry of a list, by the value of its option. */
  readonly choose: (list: Locator, value: string) => Promise<void>;
  /** Shows one of the lists below the map. */
  readonly tab: (name: string) => Promise<void>;
  /** Looks closer at something that says more about itself: rests on it. */
  readonly restOn: (what: Locator) => Promise<void>;
  /** Hands a file to a field for files. */
  readonly give: (field: Locator, file: FilePayload | string) => Promise<void>;
  /** Presses a key where `what` has the focus. */
  readonly key: (what: Locator, key: string) => Promise<void>;
}

/** The machine waits for the person. */
export function isReady(page: Page): Promise<unknown> {
  return page.waitForSelector('html[data-page="ready"]');
}

/** Points and clicks. */
export function pointer(page: Page): Hands {
  return {
    page,
    press: (what) => what.click(),
    write: (field, text) => field.fill(text),
    choose: async (list, value) => void (await list.selectOption(value)),
    tab: (name) => page.getByRole("tab", { name, exact: true }).click(),
    restOn: (what) => what.hover(),
    give: (field, file) => field.setInputFiles(file),
    key: (what, key) => what.press(key),
  };
}
