import { tooLarge } from "../body-bytes.ts";
import { slowDown } from "../rate-limit.ts";

/** What one request holds of the budget. */
export interface Holding extends Disposable {
  /**
   * Makes sure that at least so many bytes are held. @throws `too_many_requests` where they are not to be had now,
   * `body_too_large` where they never are
   */
  atLeast(bytes: number): void;
}

/** Bytes that all requests may hold together. */
export interface ByteBudget {
  /** Begins with nothing. `owner` is the organization whose events they are. */
  begin(owner: string): Holding;
  /** Bytes held now. */
  readonly held: number;
}

/** How soon whoever found no room may try again: bodies are read within seconds. */
const retryMs = 1000;

/** Taken in steps, so that a body that grows does not ask for every chunk. */
const step = 64 * 1024;

/** What one organization holds at most: the rest is for the others, however slowly its bodies come. */
const ownShare = 0.75;

/** Makes a budget of so many bytes. Whoever finds no room is sent away at once, before more of its body is read. */
export function byteBudget(most: number): ByteBudget {
  const share = Math.floor(most * ownShare);
  const owners = new Map<string, number>();
  let held = 0;

  function add(owner: string, bytes: number): void {
    held += bytes;
    const now = (owners.get(owner) ?? 0) + bytes;
    if (now > 0) owners.set(owner, now);
    else owners.delete(owner);
  }

  return {
    get held() {
      return held;
    },
    begin(owner) {
      let own = 0;
      let over = false;
      return {
        atLeast(bytes) {
          if (over || bytes <= own) return;
          if (bytes > share) throw tooLarge(share);
          const more = Math.min(Math.ceil(bytes / step) * step, share) - own;
          if (held + more > most || (owners.get(owner) ?? 0) + more > share) {
            throw slowDown(retryMs, "There are as many bytes of events under way as this server holds at a time.");
          }
          add(owner, more);
          own += more;
        },
        [Symbol.dispose]() {
          over = true;
          add(owner, -own);
          own = 0;
        },
      };
    },
  };
}
