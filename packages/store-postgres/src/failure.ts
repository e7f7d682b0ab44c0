import { HeadgateError, isHeadgateError } from "@headgate/core";

/** A commit whose answer never came: it may have happened. */
export class LostCommit extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("the connection was lost during a commit");
    this.reason = reason;
  }
}

/** What a driver or a server says of a failure: a SQLSTATE, or a code of the network. */
function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** SQLSTATE of an error of the server, undefined for any other. https://www.postgresql.org/docs/current/errcodes-appendix.html, read in November 2026. */
export function sqlState(error: unknown): string | undefined {
  const code = codeOf(error);
  return /^[0-9A-Z]{5}$/.test(code) && error instanceof Error && "severity" in error ? code : undefined;
}

const states = {
  diskFull: "53100",
  lockNotAvailable: "55P03",
  queryCanceled: "57014",
} as const;

/**
 * Server states after which another connection, or the same one a moment later, may do better: a server that ends or
 * begins, too many connections, a standby that is not yet primary, a transaction that was left waiting, a pooler's own
 * refusals (class 08), a deadlock, a partition that was missing (the schema has no other check). Whatever ran was rolled
 * back.
 */
const passing = /^(08|57P0[1-5]|53300|25006|25P0[34]|40001|40P01|23514)/;

/** Codes of certificates that are not to be trusted: trying again changes nothing. */
const certificate = /CERT|SELF_SIGNED|ISSUER|ALTNAME|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL/;

const withoutTls = "The server does not support SSL connections";

const isUntrusted = (error: unknown): boolean =>
  certificate.test(codeOf(error)) || (error instanceof Error && error.message === withoutTls);

/** Whether the connection is gone, or cannot be had; nothing more can be asked of it. */
export function isConnectionLoss(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return /^(08|57P0[1-5]|53300|25006|25P0[34])/.test(state);
  if (error instanceof HeadgateError || error instanceof LostCommit) return false;
  // The driver gives most of its own no code: a socket that closed, a server that does not answer, an answer out of turn.
  return error instanceof Error && !(error instanceof TypeError) && !(error instanceof RangeError);
}

/** Whether to try again. */
export function isPassing(error: unknown): boolean {
  if (isUntrusted(error)) return false;
  return passing.test(sqlState(error) ?? "") || isConnectionLoss(error);
}

/**
 * What an error means for the user. Messages of the server are left out: they may quote values. The state says enough.
 */
export function explain(error: unknown, where: string): HeadgateError {
  if (isHeadgateError(error)) return error;
  if (error instanceof LostCommit) {
    return new HeadgateError(
      "store_unavailable",
      `The connection to the store ${where} was lost during a commit: whether it was written is not known.`,
      { hint: "Look before you repeat it. Appends can be repeated with the same ids." },
    );
  }
  const state = sqlState(error);
  if (state === undefined) return unreachable(error, where);
  const details = { sqlstate: state };
  switch (state) {
    case states.diskFull:
      return new HeadgateError("store_full", `The disk of the store ${where} is full.`, {
        hint: "Nothing of the failed call was stored. Give the database more room.",
        details,
      });
    case "40001":
    case "40P01":
      return new HeadgateError("store_busy", `Another transaction came between in the store ${where}.`, {
        hint: "Nothing of the failed call was stored. Repeat the whole transaction.",
        details,
      });
    case states.lockNotAvailable:
    case states.queryCanceled:
      return new HeadgateError("store_busy", `Another transaction holds what the store ${where} has to write.`, {
        hint: "Try again; if it persists, look in pg_stat_activity for a transaction that stays open.",
        details,
      });
    case "28P01":
    case "28000":
      return unavailable(where, "refuses the user or the password", "Mend the user or password of the url.", details);
    case "3D000":
      return unavailable(where, "does not exist", "Create the database, or mend the url.", details);
    case "42501":
      return unavailable(
        where,
        "does not let this role do what it must",
        "Give the role the rights that the guide on operations lists.",
        details,
      );
    case "XX001":
    case "XX002":
      return new HeadgateError("store_corrupt", `PostgreSQL says that data of the store ${where} is damaged.`, {
        hint: "Stop the runners, keep a copy of the cluster, and restore a backup.",
        details,
      });
    default:
      if (passing.test(state) || state.startsWith("53")) {
        return unavailable(where, "cannot be used now", "Look at the database server; it is tried again.", details);
      }
      return new HeadgateError("internal", `The store ${where} failed (SQLSTATE ${state}).`, { details });
  }
}

function unavailable(where: string, what: string, hint: string, details: Record<string, string>): HeadgateError {
  return new HeadgateError("store_unavailable", `The database ${where} ${what}.`, { hint, details });
}

function unreachable(error: unknown, where: string): HeadgateError {
  const code = codeOf(error);
  if (isUntrusted(error)) {
    const what = code === "" ? "offers no encryption" : `has a certificate that is not to be trusted (${code})`;
    return new HeadgateError("store_unavailable", `The database ${where} ${what}.`, {
      hint: "Give the server a certificate for its host name, and its authority as ca_file.",
    });
  }
  if (!isConnectionLoss(error)) {
    return new HeadgateError(
      "internal",
      `The store ${where} failed: ${error instanceof Error ? error.name : typeof error}.`,
    );
  }
  return new HeadgateError(
    "store_unavailable",
    `The database ${where} cannot be reached${code === "" ? "" : ` (${code})`}.`,
    { hint: "Look at the database server and the network; it is tried again." },
  );
}
