import type { Platform } from "./platform.ts";
import { arm64 } from "./arm64/index.ts";
import { ppc64 } from "./ppc64/index.ts";
import { ia64 } from "./ia64/index.ts";
import { s390x } from "./s390x/index.ts";
import { sh } from "./sh/index.ts";
import { x86_64 } from "./x86_64/index.ts";

/** The platforms that memhp simulates. A new one is its folder and a line here. */
export const platforms: readonly Platform[] = [x86_64, arm64, ppc64, s390x, ia64, sh];

/**
 * The platform of an architecture.
 * @throws RangeError for one that memhp does not simulate, which names those that it does.
 */
export function platformOf(id: string): Platform {
  const found = platforms.find((platform) => platform.id === id);
  if (found === undefined) {
    const allowed = platforms.map((platform) => platform.id).join(", ");
    throw new RangeError(`memhp does not simulate ${JSON.stringify(id)} (allowed: ${allowed})`);
  }
  return found;
}
