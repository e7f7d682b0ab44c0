const key = "headgate.token";

/** The token of this tab, until the tab is closed. */
export function keptToken(): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? undefined;
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

/** Takes a token out of the address (`#token=…`), so that it stays in no history and no screenshot. */
export function tokenFromAddress(): string | undefined {
  const found = /^#token=([^&]+)/.exec(location.hash)?.[1];
  if (found === undefined) return undefined;
  history.replaceState(history.state, "", `${location.pathname}${location.search}`);
  return decodeURIComponent(found);
}
