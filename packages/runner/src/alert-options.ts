import type { AlertChannel, AlertOptions } from "@headgate/core";
import type { AlertsConfig } from "./config/service-config.ts";

/**
 * Alerts as a configuration has them. `allowedAddresses` is the operator's list for their endpoints, and `measured`
 * wraps each channel.
 */
export async function alertOptions(
  config: AlertsConfig | undefined,
  allowedAddresses: readonly string[],
  measured: (channel: AlertChannel) => AlertChannel = (channel) => channel,
): Promise<AlertOptions> {
  if (config === undefined) return {};
  const { settings, auditLog, channels } = config;
  if (channels.length === 0) return { settings, auditLog };
  // What sends mail is loaded by those who send some.
  const { alertChannel } = await import("./alert-channel.ts");
  return { settings, auditLog, channels: channels.map((channel) => measured(alertChannel(channel, allowedAddresses))) };
}
