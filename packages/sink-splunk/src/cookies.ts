/** The cookies of one endpoint, by which a load balancer finds the indexer that it sent a client to before. */
export interface CookieJar {
  /** Value of the `Cookie` header; undefined while there are none. */
  readonly header: string | undefined;
  /** Takes over what a reply sets, and says whether the client was sent to another indexer by it. */
  take(setCookies: readonly string[]): boolean;
}

/**
 * AWS writes these anew into every reply, encrypted otherwise each time: a new value says nothing.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 */
const everChanging = new Set(["AWSALB", "AWSALBCORS", "AWSALBTG", "AWSALBTGCORS"]);
/** A balancer changes its cookie once in a while; what changes with every reply is another one's, such as a firewall's. */
const mostChanges = 2;
const mostCookies = 32;
const mostBytes = 4096;

/** An empty jar. Path and domain are not looked at: it serves one endpoint. */
export function cookieJar(): CookieJar {
  const cookies = new Map<string, string>();
  /** How often each was changed by replies that came one after another. */
  const changes = new Map<string, number>();
  return {
    get header() {
      return cookies.size === 0 ? undefined : [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    },
    take(setCookies) {
      let moved = false;
      const changed = new Set<string>();
      for (const text of setCookies) {
        const [pair = "", ...attributes] = text.split(";");
        const at = pair.indexOf("=");
        const name = pair.slice(0, at).trim();
        const value = pair.slice(at + 1).trim();
        // What could not go into a header again is left.
        if (at < 1 || !/^[\x21-\x7e]+$/.test(name) || !/^[\x20-\x7e]*$/.test(value) || text.length > mostBytes)
          continue;
        const before = cookies.get(name);
        const gone = attributes.some((attribute) => /^\s*max-age\s*=\s*(-\d+|0+)\s*$/i.test(attribute));
        if (gone) cookies.delete(name);
        else if (before !== undefined || cookies.size < mostCookies) cookies.set(name, value);
        if (before === undefined || (!gone && before === value)) continue;
        changed.add(name);
        changes.set(name, (changes.get(name) ?? 0) + 1);
        moved ||= !everChanging.has(name) && (changes.get(name) ?? 0) <= mostChanges;
      }
      for (const name of changes.keys()) if (!changed.has(name)) changes.delete(name);
      return moved;
    },
  };
}
