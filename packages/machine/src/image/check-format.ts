import { ImageError } from "@memhp/engine";
import { IMAGE_FORMAT } from "./machine-image.ts";

const FAMILY = "memhp-image/";

/** @throws ImageError for what is no image, or one of another version. */
export function checkFormat(image: { readonly format?: unknown }): void {
  const format = (image as { readonly format?: unknown } | null)?.format;
  if (format === IMAGE_FORMAT) return;
  if (typeof format !== "string" || !format.startsWith(FAMILY))
    throw new ImageError("format", `${JSON.stringify(format)} is no image of a machine (allowed: ${IMAGE_FORMAT})`);
  const version = Number(format.slice(FAMILY.length));
  const isNewer = version > Number(IMAGE_FORMAT.slice(FAMILY.length));
  throw new ImageError(
    "format",
    isNewer
      ? `${format} is newer than this memhp, which reads ${IMAGE_FORMAT}: update memhp`
      : version >= 1
        ? `${format} is of an older memhp; this one reads ${IMAGE_FORMAT}: make the image again`
        : `${JSON.stringify(format)} is not known (allowed: ${IMAGE_FORMAT})`,
  );
}
