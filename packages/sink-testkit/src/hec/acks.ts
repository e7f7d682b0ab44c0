/** The acknowledgements that one indexer knows of. */
export interface AckState {
  /** Number for a batch of a channel that was just taken: 0, 1, 2 … per channel. */
  issue(channel: string): number;
  /** Whether a batch is indexed. `true` is said once; what is pending, expired or another channel's is `false`. */
  ask(channel: string, id: number): boolean;
  /** Forgets everything, as a restart does. Numbers begin at 0 again. */
  forget(): void;
}

interface Channel {
  next: number;
  usedAt: number;
  /** When each batch was taken, Unix ms. */
  readonly takenAt: Map<number, number>;
}

/**
 * Acknowledgements by channel. A channel that nobody used for longer than `idleMs` is forgotten with its numbers.
 * `delayMs` says how long after its arrival a batch counts as indexed, `never` that none does.
 */
export function ackState(settings: {
  readonly now: () => number;
  readonly idleMs: number;
  readonly delayMs: () => number | "never";
}): AckState {
  const channels = new Map<string, Channel>();

  function channelOf(name: string): Channel {
    const now = settings.now();
    let channel = channels.get(name);
    if (channel === undefined || now - channel.usedAt > settings.idleMs) {
      channel = { next: 0, usedAt: now, takenAt: new Map() };
      channels.set(name, channel);
    }
    channel.usedAt = now;
    return channel;
  }

  return {
    issue(name) {
      const channel = channelOf(name);
      channel.takenAt.set(channel.next, settings.now());
      return channel.next++;
    },
    ask(name, id) {
      const { takenAt } = channelOf(name);
      const taken = takenAt.get(id);
      const delay = settings.delayMs();
      if (taken === undefined || delay === "never" || settings.now() - taken < delay) return false;
      takenAt.delete(id);
      return true;
    },
    forget: () => channels.clear(),
  };
}
