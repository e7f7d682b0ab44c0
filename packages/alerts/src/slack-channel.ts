import type { AlertChannel, AlertNotification } from "@headgate/core";
import { advice, details, headline } from "./alert-text.ts";
import { type EndpointOptions, postTo } from "./post.ts";

/**
 * Characters of one text, escaped: three of them stay below the 3000 that Slack takes in one block:
 * https://docs.slack.dev/reference/block-kit/composition-objects/text-object
 */
const mostCharacters = 950;

/** By Slack's rules: https://docs.slack.dev/messaging/formatting-message-text */
const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** What Slack has no escape for, and what others read as Markdown or as a mention: a character without width takes its meaning away. */
const marks = "*_~`@]";

/**
 * An incoming webhook of Slack's form, which Mattermost, Rocket.Chat and others take too. Its URL is a secret.
 *
 * @throws `config_invalid`
 * @example
 * ```ts
 * const channel = slackChannel({ name: "on-call", url: secret(process.env["SLACK_WEBHOOK"] ?? "") });
 * ```
 */
export function slackChannel(options: EndpointOptions): AlertChannel {
  const { name, organizations } = options;
  const post = postTo(options);
  return {
    name,
    ...(organizations && { organizations }),
    notify: (notification, { signal }) =>
      post(notification, { body: JSON.stringify(slackMessage(notification)) }, signal),
  };
}

function slackMessage(notification: AlertNotification): object {
  const { type, alert } = notification;
  const icon =
    type === "recovered" ? ":white_check_mark:" : alert.severity === "critical" ? ":rotating_light:" : ":warning:";
  const title = escaped(headline(notification));
  const text = [`${icon} *${title}*`, ...advice(notification).map(escaped)].join("\n");
  const fields = details(notification).map(([label, value]) => formatted(`*${label}*\n${escaped(value)}`));
  return {
    // What notifications and readers without blocks show.
    text: title,
    blocks: [
      { type: "section", text: formatted(text) },
      { type: "section", fields },
    ],
  };
}

/** Verbatim: Slack would make links and mentions of what looks like some. */
function formatted(text: string): object {
  return { type: "mrkdwn", text, verbatim: true };
}

/** No part of a text may become a link, a mention or a format. */
function escaped(text: string): string {
  let found = "";
  for (const character of text) {
    const plain = entities[character] ?? (marks.includes(character) ? `${character}\u200b` : character);
    if (found.length + plain.length >= mostCharacters) return `${found}…`;
    found += plain;
  }
  return found;
}
