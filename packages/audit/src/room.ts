/** A bounded amount that several take from. */
export interface Room {
  /** Resolves once so much is free, or all of it. In the order of asking. */
  take(amount: number): Promise<void>;
  give(amount: number): void;
}

/** Makes room of `size`. Whoever asks for more than there is gets it all, alone. */
export function createRoom(size: number): Room {
  let free = size;
  const waiting: { readonly amount: number; readonly go: () => void }[] = [];
  const within = (amount: number): number => Math.min(amount, size);

  function admit(): void {
    for (let next = waiting[0]; next !== undefined && next.amount <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.amount;
      next.go();
    }
  }

  return {
    take: (amount) =>
      new Promise((go) => {
        waiting.push({ amount: within(amount), go });
        admit();
      }),
    give(amount) {
      free += within(amount);
      admit();
    },
  };
}
