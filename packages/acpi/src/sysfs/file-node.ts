import { done, type KernelProfile, type Refusal, refused, type Result } from "@memhp/abi";

/** A file, directory or link below /sys, made anew at each look. */
export type AcpiFileNode =
  | { readonly kind: "dir"; readonly entries: ReadonlyMap<string, () => AcpiFileNode> }
  | { readonly kind: "link"; readonly target: string }
  | {
      readonly kind: "file";
      readonly mode: number;
      readonly read?: () => string;
      readonly write?: (data: string) => Promise<Result<number>>;
    };

type AcpiFile = Extract<AcpiFileNode, { kind: "file" }>;

export function directory(
  entries: Readonly<Record<string, AcpiFileNode | (() => AcpiFileNode) | undefined>>,
): AcpiFileNode {
  const present = Object.entries(entries).flatMap(([name, entry]): [string, () => AcpiFileNode][] =>
    entry === undefined ? [] : [[name, typeof entry === "function" ? entry : () => entry]],
  );
  return { kind: "dir", entries: new Map(present.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** A link from a directory to another place; both below /sys. */
export function link(from: string, to: string): AcpiFileNode {
  const here = from.split("/").slice(1);
  const there = to.split("/").slice(1);
  const shared = here.findIndex((name, index) => name !== there[index]);
  const depth = shared === -1 ? here.length : shared;
  return { kind: "link", target: [...here.slice(depth).map(() => ".."), ...there.slice(depth)].join("/") };
}

export function readOnly(read: () => string): AcpiFile {
  return { kind: "file", mode: 0o444, read };
}

/** A store function of the kernel: takes the text up to a NUL, and is never called with nothing. */
type Store = (text: string) => Result<void> | Promise<Result<void>>;

export function readWrite(profile: KernelProfile, read: () => string, store: Store): AcpiFile {
  return { kind: "file", mode: 0o644, read, write: storing(profile, store) };
}

export function writeOnly(profile: KernelProfile, store: Store): AcpiFile {
  return { kind: "file", mode: 0o200, write: storing(profile, store) };
}

function storing({ writeLimitBytes }: KernelProfile, store: Store): (data: string) => Promise<Result<number>> {
  return async (data) => {
    if (data.length === 0) return done(0);
    const bytes = data.slice(0, writeLimitBytes);
    const answer = await store(bytes.replace(/\0.*$/s, ""));
    return answer.ok ? done(bytes.length) : answer;
  };
}

export function badWord(text: string, rule: string, remedy: string): { readonly ok: false; readonly refusal: Refusal } {
  return refused({
    errno: "EINVAL",
    code: "bad_word",
    rule,
    retry: "no",
    remedy: [remedy],
    detail: JSON.stringify(text),
  });
}
