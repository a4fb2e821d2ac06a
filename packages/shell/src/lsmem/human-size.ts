const LETTERS = "BKMGTPE";

/** util-linux's size_to_human_string with one letter: `128M`, `2.1G`, `0B`. */
export function humanSize(bytes: number): string {
  let exponent = 0;
  while (exponent < LETTERS.length - 1 && bytes >= 1024 ** (exponent + 1)) exponent += 1;
  const unit = 1024 ** exponent;
  let whole = Math.floor(bytes / unit);
  // Three digits, then rounded to one.
  const thousandths = Math.floor(((bytes % unit) * 1000) / unit);
  let tenths = Math.floor((thousandths + 50) / 100);
  if (tenths === 10) {
    whole += 1;
    tenths = 0;
  }
  return `${whole}${tenths === 0 ? "" : `.${tenths}`}${LETTERS[exponent]}`;
}
