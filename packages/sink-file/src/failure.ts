import type { DeliveryResult, SinkFailure } from "@headgate/core";
import { isHeadgateError } from "@headgate/core";

interface Meaning {
  readonly status: "retry" | "blocked";
  readonly code: SinkFailure["code"];
  readonly says: string;
  readonly hint: string;
}

const full: Meaning = {
  status: "retry",
  code: "disk_full",
  says: "there is no room left",
  hint: "Free disk space, or raise the quota. Delivery goes on by itself.",
};
const passing: Meaning = {
  status: "retry",
  code: "destination_failed",
  says: "the file system reports a fault",
  hint: "Check the disk or the network share and the system's log. It is tried again.",
};
const exhausted: Meaning = {
  status: "retry",
  code: "destination_busy",
  says: "the system is out of file handles or memory",
  hint: "Raise the limit on open files, or give the machine more memory. It is tried again.",
};

function blocked(says: string, hint: string): Meaning {
  return { status: "blocked", code: "file_unwritable", says, hint };
}

const forbidden = blocked("this is not allowed", "Give the process's user the right to write to this folder.");

/** What a system error means for a folder. See errno(3). */
const meanings: Readonly<Record<string, Meaning>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: full,
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: blocked("the file system is read-only", "Mount it for writing, or choose another directory."),
  ENOTDIR: blocked("a part of the path is a file", "Move that file away, or choose another directory."),
  EEXIST: blocked("a part of the path is a file", "Move that file away, or choose another directory."),
  EISDIR: blocked("there is a folder of the file's name", "Move that folder away."),
  ENOENT: blocked("the drive or folder does not exist", "Attach or mount it, or choose another directory."),
  ENXIO: blocked("the drive does not exist", "Attach or mount it, or choose another directory."),
  ENODEV: blocked("the drive does not exist", "Attach or mount it, or choose another directory."),
  ELOOP: blocked("the path has a loop of links", "Correct the links, or choose another directory."),
  ENAMETOOLONG: blocked("the name is too long", "Shorten the prefix or the path of the directory."),
  EINVAL: blocked("the file system does not allow this name", "Use layout basic: iso names hold colons."),
  EXDEV: blocked("the folder spans two file systems", "Keep all below the directory on one file system."),
  EMFILE: exhausted,
  ENFILE: exhausted,
  ENOMEM: exhausted,
  EAGAIN: passing,
  EBUSY: passing,
  EIO: passing,
  ESTALE: passing,
  ETIMEDOUT: passing,
  EINTR: passing,
};

const unknown: Meaning = {
  status: "retry",
  code: "destination_unexpected",
  says: "the system reports an error that Headgate does not know",
  hint: "Look the error up in the system's documentation. It is tried again.",
};

/** What an error of the file system, or of a folder's own checks, means. Undefined where it is a defect. */
export function failureOf(
  error: unknown,
  directory: string,
): (DeliveryResult & { readonly error: SinkFailure }) | undefined {
  if (isHeadgateError(error)) {
    const { code, message, hint } = error;
    return { status: "blocked", error: { code, message, ...(hint === undefined ? {} : { hint }) } };
  }
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  const { code: vendorCode, path = directory } = error as NodeJS.ErrnoException;
  const { status, code, says, hint } = meanings[vendorCode ?? ""] ?? unknown;
  const message = `Cannot write to ${path}: ${says} (${vendorCode}).`;
  return { status, error: { code, message, hint, vendorCode: vendorCode ?? "" } };
}
