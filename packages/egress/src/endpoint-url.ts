import { HeadgateError } from "@headgate/core";
import { type EgressOptions, permitsHost } from "./guard.ts";

/**
 * Reads the URL of an endpoint that a customer has named: https, without user, query and fragment. What can be judged of
 * its host before it is resolved is judged here; the rest when it is connected to.
 * @throws `sink_options_invalid` naming the option
 *
 * @example
 * ```ts
 * endpointUrl("https://hec.example.com:8088", { name: "url" }).host; // "hec.example.com:8088"
 * ```
 */
export function endpointUrl(text: string, options: EgressOptions & { readonly name: string }): URL {
  const { name, insecure = false } = options;
  const wrong = (problem: string): HeadgateError =>
    new HeadgateError("sink_options_invalid", `${name} ${problem}.`, { hint: "Correct the stream's options." });
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw wrong(`must be a URL such as https://siem.example.com, with its scheme`);
  // The text itself stays out of the message: it may hold a password or a token.
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw wrong("must be a bare URL, without user, query or fragment");
  if (url.protocol === "http:" && !insecure)
    throw wrong(`"${url.origin}" is plain http; use https, or have the operator set allow_insecure_endpoint`);
  if (!permitsHost(url.hostname, options))
    throw wrong(
      `"${url.origin}" is a private or loopback address; the operator must allow it with allowed_addresses or allow_insecure_endpoint`,
    );
  return url;
}
