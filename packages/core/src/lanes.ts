/** What bounds the turns that run at a time. */
export interface LaneLimits {
  /** Turns at a time, over all destinations. */
  readonly concurrency: number;
  /** Turns at a time to one destination host. */
  readonly perHost: number;
  /**
   * Bytes of windows that may be in memory at a time. Streams in trouble get half as much again, apart, so that a
   * destination that hangs with a full window in hand holds up nobody else.
   */
  readonly memoryBytes: number;
}

/** A turn that waits for its place. */
export interface Turn {
  readonly host: string;
  /** The organization whose events they are. */
  readonly owner: string;
  /** The stream failed last time: such turns get a quarter of the places and memory of their own, so that dead destinations never crowd out healthy ones. */
  readonly troubled: boolean;
  readonly bytes: number;
  /** Begins the turn; resolves when it is over. Never rejects. */
  run(): Promise<void>;
}

/**
 * Admits turns fairly: hosts take turns, and turns of one host go in order of arrival. One owner never has all places:
 * whoever connects many slow destinations holds up nobody else.
 */
export interface Lanes {
  add(turn: Turn): void;
  /** Turns that run now. */
  running(): number;
  /** Forgets the turns that have not begun. */
  clear(): void;
}

interface Waiting {
  readonly turn: Turn;
  /** How often another turn was admitted because this one did not fit. */
  passed: number;
}

interface Host {
  readonly waiting: Waiting[];
  running: number;
}

/** What of the places one owner takes at most. */
const ownersShare = 0.75;

export function createLanes(limits: LaneLimits): Lanes {
  // Troubled turns wait apart from healthy ones of the same host: a stream with a bad token does not hold up its neighbour.
  const hosts = { healthy: new Map<string, Host>(), troubled: new Map<string, Host>() };
  const used = { healthy: { turns: 0, bytes: 0 }, troubled: { turns: 0, bytes: 0 } };
  const cap = {
    healthy: { turns: limits.concurrency, bytes: limits.memoryBytes },
    troubled: { turns: Math.max(1, limits.concurrency >> 2), bytes: limits.memoryBytes / 2 },
  };

  function fits(lane: "healthy" | "troubled", bytes: number): boolean {
    const turns = used.healthy.turns + used.troubled.turns;
    if (turns >= limits.concurrency || used[lane].turns >= cap[lane].turns) return false;
    // A turn larger than its lane's memory runs when it has the lane to itself, rather than never.
    return used[lane].bytes === 0 || used[lane].bytes + bytes <= cap[lane].bytes;
  }

  const owners = new Map<string, number>();
  const mostOfOwner = Math.max(1, Math.floor(limits.concurrency * ownersShare));

  function pump(): void {
    for (const lane of ["healthy", "troubled"] as const) {
      const queue = hosts[lane];
      for (let started = true; started;) {
        started = false;
        for (const [name, host] of queue) {
          if (host.running >= limits.perHost) continue;
          const place = host.waiting.findIndex(({ turn }) => (owners.get(turn.owner) ?? 0) < mostOfOwner);
          const next = host.waiting[place];
          if (next === undefined) continue;
          if (!fits(lane, next.turn.bytes)) {
            // Small turns may pass a large one, but not for ever: then the lane waits until it fits.
            if (next.passed >= limits.concurrency) break;
            next.passed += 1;
            continue;
          }
          host.waiting.splice(place, 1);
          begin(lane, name, host, next.turn);
          started = true;
        }
      }
    }
  }

  function begin(lane: "healthy" | "troubled", name: string, host: Host, turn: Turn): void {
    host.running += 1;
    owners.set(turn.owner, (owners.get(turn.owner) ?? 0) + 1);
    used[lane].turns += 1;
    used[lane].bytes += turn.bytes;
    void turn.run().finally(() => {
      host.running -= 1;
      const left = (owners.get(turn.owner) ?? 1) - 1;
      if (left > 0) owners.set(turn.owner, left);
      else owners.delete(turn.owner);
      used[lane].turns -= 1;
      used[lane].bytes -= turn.bytes;
      // To the back of the ring, so that the next place goes to another host.
      hosts[lane].delete(name);
      if (host.running > 0 || host.waiting.length > 0) hosts[lane].set(name, host);
      pump();
    });
  }

  return {
    add(turn) {
      const queue = hosts[turn.troubled ? "troubled" : "healthy"];
      let host = queue.get(turn.host);
      if (host === undefined) queue.set(turn.host, (host = { waiting: [], running: 0 }));
      host.waiting.push({ turn, passed: 0 });
      pump();
    },
    running: () => used.healthy.turns + used.troubled.turns,
    clear() {
      for (const queue of Object.values(hosts)) for (const host of queue.values()) host.waiting.length = 0;
    },
  };
}
