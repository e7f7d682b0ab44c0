import { HeadgateError, isHeadgateError, type StreamRecord } from "@headgate/core";
import type { OidcIssuer } from "@headgate/oidc";
import type { SecretsConfig } from "../config/service-config.ts";
import { commandConfig, storedView } from "../embedded.ts";

/** What a stream's sink is made from. */
export interface StreamSettings {
  readonly id: string;
  readonly organization: string;
  /** Type of the sink. */
  readonly sink: string;
  readonly options: object;
  /** The operator's list, see `allowed_addresses`. */
  readonly allowedAddresses: readonly string[];
  /** The platform as OIDC issuer. */
  readonly oidc?: OidcIssuer;
}

/**
 * The settings of a stream of the configuration file, which may not have run yet, or of one that was created in the store.
 * @throws `ConfigError`, `stream_unknown`
 */
export async function streamSettings(id: string, file: string | undefined): Promise<StreamSettings> {
  const { streams, allowedAddresses, oidc, secrets } = commandConfig(file);
  const declared = streams.find((stream) => stream.id === id);
  const { organization, sink, options } = declared ?? (await createdStream(id, file, secrets));
  return { id, organization, sink, options, allowedAddresses, ...(oidc !== undefined && { oidc }) };
}

async function createdStream(
  id: string,
  file: string | undefined,
  secrets: SecretsConfig | undefined,
): Promise<StreamRecord> {
  try {
    await using view = await storedView(file, secrets);
    const { streams } = view.headgate;
    const record = await streams.get(id);
    if (record !== undefined) return { ...record, options: (await streams.options(id)) as StreamRecord["options"] };
  } catch (error) {
    if (!isHeadgateError(error, "store_unavailable")) throw error;
  }
  throw new HeadgateError(
    "stream_unknown",
    `There is no stream "${id}", neither in the configuration nor in the store.`,
    { hint: "See `headgate streams list`." },
  );
}
