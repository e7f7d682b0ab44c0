export { alertPayload } from "./alert-payload.ts";
export type { AlertPayload } from "./alert-payload.ts";
export type { EndpointOptions } from "./post.ts";
export { slackChannel } from "./slack-channel.ts";
export { smtpChannel } from "./smtp-channel.ts";
export type { SmtpChannelOptions } from "./smtp-channel.ts";
export { webhookChannel } from "./webhook-channel.ts";
export type { WebhookChannelOptions } from "./webhook-channel.ts";
