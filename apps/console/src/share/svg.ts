/** Text as it may stand in SVG. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly svg: string;
}

/** A picture that needs nothing from elsewhere. */
export function picture(width: number, height: number, sheet: string, title: string, content: string): Picture {
  return {
    width,
    height,
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, monospace" font-size="12" role="img"><title>${escaped(title)}</title><rect width="100%" height="100%" fill="${sheet}"/>${content}</svg>\n`,
  };
}

/** The same in pixels, twice as many as it has, so that it can be printed. */
export async function pngOf({ width, height, svg }: Picture): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * 2;
  canvas.height = height * 2;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) =>
      blob === null ? reject(new Error("The browser makes no PNG of this size.")) : resolve(blob),
    );
  });
}
