import { type ErrnoName, type Refusal, type RefusalCode, refused } from "@memhp/abi";

type Refused = { readonly ok: false; readonly refusal: Refusal };

interface Cause {
  readonly rule: string;
  readonly remedy: readonly string[];
  readonly detail?: string;
}

function refuse(errno: ErrnoName, code: RefusalCode, cause: Cause): Refused {
  return refused({ errno, code, retry: "no", ...cause });
}

export function noEntry(path: string): Refused {
  return refuse("ENOENT", "no_entry", {
    rule: "path_lookup: no such name",
    remedy: ["list the directory above it"],
    detail: path,
  });
}

/** A bus was given the name of a device that it does not have. */
export function noDevice(name: string): Refused {
  return refuse("ENODEV", "no_entry", {
    rule: "drivers_probe: bus_find_device_by_name",
    remedy: ["write a name that the bus's `devices` lists"],
    detail: JSON.stringify(name),
  });
}

/** The other ways in which a path does not lead where it was meant to. */
export function wrongKind(errno: "ENOTDIR" | "EISDIR" | "ELOOP" | "EINVAL", path: string): Refused {
  const remedy = {
    ENOTDIR: "name a directory",
    EISDIR: "name a file",
    ELOOP: "name a link that ends",
    EINVAL: "name a link",
  };
  return refuse(errno, "no_entry", { rule: "path_lookup", remedy: [remedy[errno]], detail: path });
}

/** Opening a file for reading that has no read permission: refused to root too. */
export function unreadable(path: string): Refused {
  return refuse("EACCES", "write_only", {
    rule: "observed-4.1 §1, observed-6 §2: a 0200 attribute cannot be opened for reading",
    remedy: ["write to it; it has no contents"],
    detail: path,
  });
}

/** Opening a file for writing that has no write permission: refused to root too. */
export function unwritable(path: string): Refused {
  return refuse("EACCES", "read_only", {
    rule: "observed-4.1 §5, observed-6 §2: a 0444 attribute cannot be opened for writing",
    remedy: ["read it; it cannot be changed"],
    detail: path,
  });
}

/** Bytes that an attribute does not understand. */
export function badWord(data: string, rule: string, remedy: string, errno: "EINVAL" | "ERANGE" = "EINVAL"): Refused {
  return refuse(errno, errno === "EINVAL" ? "bad_word" : "out_of_range", {
    rule,
    remedy: [remedy],
    detail: JSON.stringify(data.length > 64 ? `${data.slice(0, 64)}…` : data),
  });
}

/** A write of the state that a block has already. */
export function alreadyInState(block: number, state: string): Refused {
  return refused({
    errno: "EINVAL",
    code: "already_in_state",
    rule: "facts §2.8, observed-6 §2: a block that has the state already",
    block,
    retry: "no",
    remedy: [`write to the file \`online\`, which takes what a block has already (here ${state})`],
  });
}

export function unalignedAddress(data: string, blockSizeBytes: number): Refused {
  return refuse("EINVAL", "unaligned", {
    rule: "facts §2.4 step 2",
    remedy: [`write a multiple of the block size, 0x${blockSizeBytes.toString(16)}`],
    detail: JSON.stringify(data),
  });
}

/** An offset or a length that pread(2) does not take. */
export function badRange(path: string): Refused {
  return refuse("EINVAL", "out_of_range", {
    rule: "pread(2)",
    remedy: ["give offset and length as bytes, 0 or more"],
    detail: path,
  });
}

export function unalignedRange(path: string, wordBytes: number): Refused {
  return refuse("EINVAL", "unaligned", {
    rule: "fs/proc/page.c: KPMMASK",
    remedy: [`give offset and length as multiples of ${wordBytes}`],
    detail: path,
  });
}

/** A file of a machine's whole memory is no file to read in one piece. */
export function rangeOnly(path: string): Refused {
  return refuse("EINVAL", "out_of_range", {
    rule: "fs/proc/page.c: 8 bytes for each page frame",
    remedy: ["read a range: offset 8 * pfn, length 8 * pages"],
    detail: path,
  });
}

/** A /proc file that has no write function opens for root and then answers EIO. */
export function noWriteFunction(path: string): Refused {
  return refuse("EIO", "read_only", { rule: "fs/proc/inode.c proc_reg_write", remedy: ["read it"], detail: path });
}
