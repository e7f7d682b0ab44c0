import type { EventFormat, FormatEncoder } from "@headgate/core";
import { versionedFormat } from "./format-version.ts";

/** Options of {@link cloudEventsFormat}. */
export interface CloudEventsOptions {
  /** What the action is appended to, in reverse-DNS form. @default dev.headgate.audit */
  readonly typePrefix?: string;
  /** URI-reference that the organization is appended to: with the id it tells one event from all others. @default urn:headgate: */
  readonly sourcePrefix?: string;
}

type Frozen = Required<CloudEventsOptions>;

/**
 * CloudEvents 1.0 in JSON: the event as it is stored is the `data`. The sequence is the extension of that name, padded to
 * 16 digits so that it sorts as text.
 *
 * @example
 * ```ts
 * const format = cloudEventsFormat({ typePrefix: "com.acme.audit", sourcePrefix: "https://acme.example/organizations/" });
 * ```
 */
export function cloudEventsFormat(options: CloudEventsOptions = {}): EventFormat {
  const { typePrefix = "dev.headgate.audit", sourcePrefix = "urn:headgate:" } = options;
  return versionedFormat<Frozen>(
    {
      name: "cloudevents",
      title: "CloudEvents 1.0",
      versions: { 1: encoderWith((text) => text), 2: encoderWith(inAttribute) },
    },
    { typePrefix, sourcePrefix },
  );
}

/** Versions differ in how they write a text that comes from the event. */
const encoderWith =
  (written: (text: string) => string) =>
  ({ typePrefix, sourcePrefix }: Frozen): FormatEncoder =>
  (event) => {
    const [target] = event.targets ?? [];
    return JSON.stringify({
      specversion: "1.0",
      id: written(event.id),
      source: `${sourcePrefix}${inUri(written(event.organization.id))}`,
      type: written(`${typePrefix}.${event.action}`),
      time: event.occurred_at,
      subject: target === undefined ? undefined : written(`${target.type}/${target.id}`),
      sequence: String(event.sequence).padStart(16, "0"),
      organization: written(event.organization.id),
      datacontenttype: "application/json",
      data: event,
    });
  };

/**
 * Attributes must not hold control characters, halves of surrogate pairs and what is no character, so their numbers stand
 * there, and that of a backslash where a text has what such a number begins with: texts that differ stay different, and can
 * be read back. The event in `data` keeps them as they are.
 */
function inAttribute(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]|\\(?=u\{)/gu,
    (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** Half a surrogate pair stands for no character, and has no place in a URI. */
function inUri(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
