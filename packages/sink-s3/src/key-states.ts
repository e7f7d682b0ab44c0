/** What is remembered of an object from one attempt to the next. */
export interface KeyState {
  /** The key exists: write over it and look at the reply. */
  overwrite?: boolean;
  /** A reply has shown another encryption than was asked for. */
  mismatched?: boolean;
  /** The server has said once that the bytes were damaged on the way. */
  damaged?: boolean;
  /** The platform's own credentials were refused, and others asked for. */
  baseRefused?: boolean;
  /** The last attempt ended in a retry at once. */
  hurried?: boolean;
}

/** The memory of a sink, by object key: a key means the same bytes in every attempt, a chunk is another object each time. */
export interface KeyStates {
  /** The state of a key, empty at first. Mutable. */
  of(key: string): KeyState;
  /** Forgets a key whose story is over. */
  drop(key: string): void;
}

/** An empty memory. Beyond `max` keys the one that was asked for longest ago is forgotten, as all are by a restart. */
export function keyStates(max = 256): KeyStates {
  const states = new Map<string, KeyState>();
  return {
    of(key) {
      const state = states.get(key) ?? {};
      states.delete(key);
      states.set(key, state);
      if (states.size > max) states.delete(states.keys().next().value as string);
      return state;
    },
    drop: (key) => void states.delete(key),
  };
}
