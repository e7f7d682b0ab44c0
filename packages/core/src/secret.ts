import { inspect } from "node:util";

const redacted = "[redacted]";

/**
 * A value that must not be printed: string conversion, JSON and `util.inspect` all show `[redacted]`.
 *
 * @example
 * ```ts
 * const token = secret("s3cr3t");
 * console.log(`${token}`); // [redacted]
 * token.reveal(); // "s3cr3t"
 * ```
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: call it only where it goes over the wire. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  static {
    // As a method its computed name could not go into a declaration.
    Object.defineProperty(this.prototype, inspect.custom, { value: () => redacted });
  }
}

/** Wraps a value as a {@link Secret}; a secret stays what it is. */
export function secret(value: string | Secret): Secret {
  return value instanceof Secret ? value : new Secret(value);
}
