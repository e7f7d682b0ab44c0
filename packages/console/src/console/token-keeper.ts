const key = "headgate.token";

/** Whether a text could be a token at all: anything else cannot even be sent. */
export function mayBeToken(text: string): boolean {
  return /^[\x21-\x7e]{1,512}$/.test(text);
}

/** The token of this tab, until the tab is closed. */
export function keptToken(): string | undefined {
  try {
    const kept = sessionStorage.getItem(key) ?? "";
    return mayBeToken(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a token in this tab, or forgets it. */
export function keepToken(token: string | undefined): void {
  try {
    if (token === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, token);
  } catch {
    // A browser that keeps nothing asks again after the next load.
  }
}

/**
 * Takes a token out of the address (`#token=…`), so that it stays in no history and no screenshot. It counts on this
 * machine alone, where the demo's own link leads: elsewhere anybody's link could sign somebody in as somebody else, who
 * would then connect a destination to a log that is not theirs.
 */
export function tokenFromAddress(): string | undefined {
  const found = new URLSearchParams(location.hash.slice(1)).get("token");
  if (found === null) return undefined;
  history.replaceState(history.state, "", `${location.pathname}${location.search}`);
  return isLoopback(location.hostname) && mayBeToken(found) ? found : undefined;
}

/** Whether a host name is this machine's own. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
