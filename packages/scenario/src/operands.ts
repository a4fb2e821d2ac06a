import type { StepRequest } from "./document.ts";

/** A step cannot be carried out: what is wrong with its operands. */
export class StepError extends Error {
  override readonly name = "StepError";
}

/** @throws StepError for anything but a text. */
export function text(request: StepRequest, name: string): string {
  const value = request[name];
  if (typeof value !== "string")
    throw new StepError(`${request.op}: ${name}: expected a text, found ${JSON.stringify(value)}`);
  return value;
}

/** @throws StepError for anything but a whole number, or a text that is one. */
export function optionalNumber(request: StepRequest, name: string): number | undefined {
  const value = request[name];
  if (value === undefined) return undefined;
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0)
    throw new StepError(`${request.op}: ${name}: expected a whole number from 0, found ${JSON.stringify(value)}`);
  return number;
}

/** @throws StepError where it is missing or no whole number. */
export function number(request: StepRequest, name: string): number {
  const value = optionalNumber(request, name);
  if (value === undefined) throw new StepError(`${request.op}: ${name} is missing`);
  return value;
}
