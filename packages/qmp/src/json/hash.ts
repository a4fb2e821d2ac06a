import { encodeUtf8 } from "./utf8.ts";

/** Buckets of QEMU's QDict. */
const BUCKETS = 512;

/**
 * The bucket of a key in QEMU's QDict (qobject/qdict.c: tdb_hash). It decides the order of members in every answer, and
 * which of two mistakes in one command is reported: "micro, minor, major" of the greeting is this order.
 */
export function bucketOf(key: string): number {
  const known = buckets.get(key);
  if (known !== undefined) return known;
  const bucket = computeBucket(key);
  if (buckets.size < 1000 && key.length < 100) buckets.set(key, bucket);
  return bucket;
}

/** Of the keys seen first: those of QEMU's own answers are among them. */
const buckets = new Map<string, number>();

function computeBucket(key: string): number {
  const bytes = encodeUtf8(key);
  let hash = Math.imul(0x238f13af, bytes.length);
  for (const [i, byte] of bytes.entries()) hash = (hash + (byte << ((i * 5) % 24))) | 0;
  return ((Math.imul(1103515243, hash) + 12345) >>> 0) % BUCKETS;
}
