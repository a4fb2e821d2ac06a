import type { Locator, Page } from "playwright-core";
import { type Hands, isReady } from "./hands.ts";

export const button = (page: Page, name: string | RegExp): Locator => page.getByRole("button", { name, exact: true });
export const form = (page: Page, name: string): Locator => page.getByRole("form", { name });
export const blocks = (page: Page): Locator => page.getByRole("textbox", { name: "Blocks", exact: true });
export const map = (page: Page): Locator => page.getByRole("application", { name: "Block map" });
export const level = (page: Page, name: string): Locator =>
  page.getByRole("group", { name: "Whole machine as" }).getByRole("button", { name });
export const drawer = (page: Page, name: string): Locator => page.locator("summary").filter({ hasText: name });
export const answer = (page: Page, text: string | RegExp): Promise<void> =>
  page.getByRole("status", { name: "Outcome" }).getByText(text).first().waitFor();
export const escape = ({ page }: Hands): Promise<void> => page.keyboard.press("Escape");

export async function writeTo({ page, write, press }: Hands, which: string, word: string): Promise<void> {
  await write(blocks(page), which);
  await press(button(page, word));
  await isReady(page);
}
