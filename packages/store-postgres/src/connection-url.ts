import { HeadgateError } from "@headgate/core";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";

/** Where a database is and who asks. Only `where` may be shown: the rest holds the password. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly applicationName: string;
  /** How the connection is encrypted; false where it is not. */
  readonly ssl: ConnectionOptions | false;
  /** For people: the database and its host, nothing secret. */
  readonly where: string;
}

/** What decides on encryption beside the URL. */
export interface AddressChoice {
  /** Certificates, PEM, that the server's must descend from. @default the machine's */
  readonly ca: string | undefined;
  /** Whether a URL may switch encryption off for a server elsewhere. */
  readonly allowInsecureConnection: boolean;
}

const known = new Set(["host", "port", "sslmode", "application_name"]);

function invalid(problem: string, hint: string): HeadgateError {
  return new HeadgateError("config_invalid", `The store's url ${problem}.`, { hint });
}

const onThisMachine = (host: string): boolean =>
  host.startsWith("/") || host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

/**
 * Takes a `postgresql://` URL apart. A server elsewhere must show a certificate that is trusted and made out for its
 * name; on this machine nothing is encrypted unless the URL says `sslmode=verify-full`. Nothing in between exists: what
 * other drivers call `require` or `prefer` talks to whoever answers.
 * @throws `config_invalid`, never with the URL itself
 */
export function databaseAddress(url: string, { ca, allowInsecureConnection }: AddressChoice): DatabaseAddress {
  let parsed: URL;
  try {
    // A user without a host is how one writes a Unix socket; to a URL's parser it is a mistake.
    parsed = new URL(url.replace(/^(\w+:\/\/[^/?#@]*@)(?=[/?]|$)/, "$1localhost"));
  } catch {
    throw invalid(
      "is no URL",
      "Write postgresql://user:password@host:5432/database; encode special characters as %XX.",
    );
  }
  if (parsed.protocol !== "postgresql:" && parsed.protocol !== "postgres:") {
    throw invalid("does not begin with postgresql://", "Write postgresql://user:password@host:5432/database.");
  }
  // Neither names nor values are repeated: what looks like one may be the end of a password with a ? in it.
  if ([...parsed.searchParams.keys()].some((name) => !known.has(name))) {
    throw invalid("has a parameter that is not used", `It takes ${[...known].join(", ")}.`);
  }
  const host = parsed.searchParams.get("host") ?? (decoded(parsed.hostname).replaceAll(/^\[|\]$/g, "") || "localhost");
  const port = Number(parsed.searchParams.get("port") ?? (parsed.port || "5432"));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalid("has a port that is none", "Use 1 to 65535.");
  const user = decoded(parsed.username);
  const database = decoded(parsed.pathname.slice(1)) || user;
  if (user === "" || database === "") {
    throw invalid("names no user or no database", "Write postgresql://user:password@host:5432/database.");
  }
  const mode = parsed.searchParams.get("sslmode") ?? (onThisMachine(host) ? "disable" : "verify-full");
  if (mode !== "verify-full" && mode !== "disable") {
    throw invalid("asks for an sslmode that does not check whom it talks to", "Use verify-full, which is the default.");
  }
  if (mode === "disable" && !onThisMachine(host) && !allowInsecureConnection) {
    throw invalid(
      "switches encryption off for a server on another machine",
      "Take sslmode=disable out, or set allow_insecure_connection where something else protects the connection.",
    );
  }
  return {
    host,
    port,
    user,
    password: parsed.password === "" ? undefined : decoded(parsed.password),
    database,
    applicationName: parsed.searchParams.get("application_name") ?? "headgate",
    ssl: mode === "disable" ? false : { rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    where: `${database} at ${host}:${port}`,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("holds a % that begins no encoded character", "Write % itself as %25.");
  }
}

/**
 * Refuses a URL that {@link postgresStore} would refuse, without connecting.
 * @throws `config_invalid`, never with the URL itself
 */
export function assertPostgresUrl(
  url: string,
  { allowInsecureConnection = false }: { readonly allowInsecureConnection?: boolean } = {},
): void {
  databaseAddress(url, { ca: undefined, allowInsecureConnection });
}
