import type { createConfiguration } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-common/configuration.js";
import type { BaseServerConfiguration } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-common/servers.js";
import type { LogsApi } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/LogsApi.js";
import { HeadgateError } from "@headgate/core";

/** The parts of Datadog's client that are used. */
export interface DatadogClient {
  readonly LogsApi: typeof LogsApi;
  readonly createConfiguration: typeof createConfiguration;
  readonly BaseServerConfiguration: typeof BaseServerConfiguration;
}

let loading: Promise<DatadogClient> | undefined;

/**
 * Loads Datadog's client, once for the process and not before the first request: only the API for logs, since the whole
 * package takes more than twice the time.
 * @throws `config_invalid` where the package is not installed
 */
export async function loadClient(): Promise<DatadogClient> {
  loading ??= load();
  try {
    return await loading;
  } catch (error) {
    loading = undefined;
    throw new HeadgateError("config_invalid", "The package @datadog/datadog-api-client cannot be loaded.", {
      hint: "Install @datadog/datadog-api-client 1.64 or later beside @headgate/sink-datadog, or use the default transport.",
      cause: error,
    });
  }
}

async function load(): Promise<DatadogClient> {
  const [logs, configuration, servers] = await Promise.all([
    import("@datadog/datadog-api-client/dist/packages/datadog-api-client-v2/apis/LogsApi.js"),
    import("@datadog/datadog-api-client/dist/packages/datadog-api-client-common/configuration.js"),
    import("@datadog/datadog-api-client/dist/packages/datadog-api-client-common/servers.js"),
  ]);
  return { ...logs, ...configuration, ...servers };
}
