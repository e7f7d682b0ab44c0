import { slackChannel, smtpChannel, webhookChannel } from "@headgate/alerts";
import type { AlertChannel } from "@headgate/core";
import type { ChannelConfig } from "./config/service-config.ts";

/** Makes one channel. @throws `config_invalid` */
export function alertChannel(config: ChannelConfig, allowedAddresses: readonly string[]): AlertChannel {
  const { name, organizations, allowInsecureEndpoint } = config;
  const base = { name, allowInsecureEndpoint, ...(organizations !== undefined && { organizations }) };
  if (config.kind === "webhook") {
    return webhookChannel({ ...base, allowedAddresses, url: config.url, secret: [...config.secrets] });
  }
  if (config.kind === "slack") return slackChannel({ ...base, allowedAddresses, url: config.url });
  const { host, port, tls, username, password, from, to } = config;
  return smtpChannel({
    ...base,
    host,
    port,
    tls,
    from,
    to,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  });
}
