import { HeadgateError } from "@headgate/core";

/** One stream of one organization. */
export interface TokenRequest {
  readonly organization: string;
  /** Id of the stream. */
  readonly stream: string;
}

/** OpenID Connect Core 1.0, section 2: `sub` must not exceed 255 characters. */
const longestSubject = 255;

/**
 * The subject of a stream's tokens: `organization:<id>:stream:<id>`. Of the ids, letters, digits, `-`, `.`, `_` and `~`
 * stand for themselves, and all else is percent-encoded as UTF-8. So no two streams share a subject, whatever colons
 * their ids hold, and no id means something to a policy (`*`, `?`, `${`).
 * @throws `config_invalid` for ids that are empty, no Unicode text, or too long together for a subject of 255 characters
 *
 * @example
 * ```ts
 * subjectOf({ organization: "org_1", stream: "a:b" }); // "organization:org_1:stream:a%3Ab"
 * ```
 */
export function subjectOf({ organization, stream }: TokenRequest): string {
  const subject = `organization:${encoded(organization)}:stream:${encoded(stream)}`;
  if (subject.length <= longestSubject) return subject;
  const said = `The ids of the organization and the stream are too long for a token: its subject would be of ${subject.length} characters.`;
  throw new HeadgateError("config_invalid", said, {
    hint: `A subject has ${longestSubject} characters at most. Use a shorter id, or assume_role instead of web_identity.`,
  });
}

function encoded(id: string): string {
  if (id === "" || !id.isWellFormed()) {
    throw new HeadgateError("config_invalid", "A token needs an organization and a stream whose ids are text.", {
      hint: "Pass the ids as Headgate knows them.",
    });
  }
  return encodeURIComponent(id).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
