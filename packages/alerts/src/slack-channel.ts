import type { AlertChannel, AlertNotification } from "@headgate/core";
import { advice, details, headline } from "./alert-text.ts";
import { type EndpointOptions, postTo } from "./post.ts";

/** Characters that a message of Slack's may have, at most: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const mostCharacters = 2900;

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
    notify: (notification, { signal }) => post(JSON.stringify(slackMessage(notification)), {}, signal),
  };
}

function slackMessage(notification: AlertNotification): object {
  const { type, alert } = notification;
  const icon =
    type === "recovered" ? ":white_check_mark:" : alert.severity === "critical" ? ":rotating_light:" : ":warning:";
  const title = escaped(headline(notification));
  const text = [`${icon} *${title}*`, ...advice(notification).map(escaped)].join("\n");
  const fields = details(notification).map(([label, value]) => ({
    type: "mrkdwn",
    text: `*${label}*\n${escaped(value)}`,
  }));
  return {
    // What notifications and readers without blocks show.
    text: title,
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: text.slice(0, mostCharacters) } },
      { type: "section", fields },
    ],
  };
}

/** No part of a text may become a link, a mention or a format: https://docs.slack.dev/messaging/formatting-message-text */
function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[*_~`]/g, (mark) => `${mark}\u200b`);
}
