import type { AuditEvent } from "./event.ts";

/** Writes one event. Pure, deterministic, total. The text has no line break. */
export type FormatEncoder = (event: AuditEvent) => string;

/**
 * A form that events can take on their way out, as it is passed to `createHeadgate`.
 *
 * @example
 * ```ts
 * const short: EventFormat = {
 *   name: "short",
 *   title: "Action and time",
 *   encoding: "1",
 *   encoder: (encoding) =>
 *     encoding === "1" ? ({ action, occurred_at }) => JSON.stringify({ action, occurred_at }) : undefined,
 * };
 * ```
 */
export interface EventFormat {
  /** What streams name it by: lower-case letters, digits, hyphens. */
  readonly name: string;
  /** For people, e.g. `OCSF 1.8.0`. */
  readonly title: string;
  /**
   * Everything that decides the bytes, as one string: the version of the code and its options. Frozen into each window
   * when it is sealed, so that a window begun under an old version ends under it.
   */
  readonly encoding: string;
  /**
   * The encoder of an encoding: of {@link EventFormat.encoding}, and of older ones that this code still writes byte for
   * byte. Undefined for others: the stream is then blocked with `codec_changed` rather than doubled.
   */
  encoder(encoding: string): FormatEncoder | undefined;
}
