import { JsonDouble, JsonObject, type JsonValue } from "./value.ts";

const SHORT: Readonly<Record<string, string>> = {
  '"': String.raw`\"`,
  "\\": String.raw`\\`,
  "\b": String.raw`\b`,
  "\f": String.raw`\f`,
  "\n": String.raw`\n`,
  "\r": String.raw`\r`,
  "\t": String.raw`\t`,
};

/** JSON as QEMU writes it: on one line, a space after `:` and `,`, everything but printable ASCII escaped. */
export function printJson(value: JsonValue): string {
  if (value === null) return "null";
  if (typeof value === "string") return printString(value);
  if (value instanceof JsonDouble) return printDouble(value.value);
  if (value instanceof JsonObject) {
    return `{${value
      .entries()
      .map(([key, member]) => `${printString(key)}: ${printJson(member)}`)
      .join(", ")}}`;
  }
  if (typeof value === "object") return `[${value.map(printJson).join(", ")}]`;
  return String(value);
}

function printString(text: string): string {
  return `"${text.replaceAll(/["\\]|[^ -~]/g, (unit) => SHORT[unit] ?? `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`)}"`;
}

/** C's %.17g. */
export function printDouble(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
  const [digits = "", power = "0"] = value.toExponential(16).split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 17) return withoutZeros(plain(digits, exponent));
  const sign = exponent < 0 ? "-" : "+";
  return `${withoutZeros(digits)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** Scientific digits such as -1.25 with the point moved by `exponent` places. */
function plain(scientific: string, exponent: number): string {
  const sign = scientific.startsWith("-") ? "-" : "";
  const digits = scientific.replaceAll(/[-.]/g, "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

const withoutZeros = (text: string): string => (text.includes(".") ? text.replace(/\.?0*$/, "") : text);
