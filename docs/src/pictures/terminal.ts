const WIDTH = 8.4;
const HEIGHT = 19;
const MARGIN = 16;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** What stands in a terminal, as a picture: commands bright, what was refused orange. */
export function terminalSvg(text: string): string {
  const lines = text.split("\n");
  const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * WIDTH) + 2 * MARGIN;
  const height = lines.length * HEIGHT + 2 * MARGIN;
  const rows = lines.map((line, i) => {
    const colour = line.startsWith("$ ") ? "#ffffff" : /refused|EINVAL/.test(line) ? "#ffb454" : "#c8d0da";
    return `<text x="${MARGIN}" y="${MARGIN + (i + 0.75) * HEIGHT}" fill="${colour}" xml:space="preserve">${escaped(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">`,
    `<title>${escaped(lines[0] ?? "")}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="#14181d"/>`,
    ...rows,
    "</svg>\n",
  ].join("\n");
}
