import { createPreparer, type Logger, type Store } from "@headgate/core";
import { httpClient } from "@headgate/egress";
import type { RunnerConfig } from "./config/config.ts";
import type { PollSourceConfig } from "./config/poll-config.ts";
import type { RunnerHeadgate } from "./embedded.ts";
import {
  type AppendPrepared,
  fileSource,
  githubAudit,
  oktaAudit,
  pollSource,
  type Source,
  tokenReader,
} from "./sources/index.ts";

/** The largest page that is read: a thousand events of Okta's are some MiB. */
const maxPageBytes = 64 * 1024 * 1024;

/** The sources of a configuration, ready to run. */
export function configuredSources(
  config: RunnerConfig,
  headgate: RunnerHeadgate,
  store: Store,
  logger: Logger,
): readonly Source[] {
  const preparer = createPreparer({
    ...(config.catalog !== undefined && { catalog: config.catalog }),
    unknownActions: config.unknownActions,
    logger,
  });
  const append: AppendPrepared = (owner, events) => headgate.appendPrepared(owner, events);
  const context = { store, append, preparer, logger };
  const { retry } = config.delivery;
  return config.sources.map((source) => {
    const { organization, mapping } = source;
    const records = { organization, ...(mapping !== undefined && { mapping }) };
    if (source.kind === "file") return fileSource({ ...records, path: source.path, follow: source.follow }, context);
    const { api, everyMs, sinceMs, overlapMs, allowInsecureEndpoint: insecure } = source;
    const { ca } = api;
    const client = httpClient({
      allow: config.allowedAddresses,
      insecure,
      maxReplyBytes: maxPageBytes,
      maxSockets: 1,
      ...(ca !== undefined && { ca }),
    });
    return pollSource(
      { ...records, api: auditApi(api), token: tokenReader(api.token), everyMs, sinceMs, overlapMs },
      { ...context, client, ...(retry !== undefined && { retry }) },
    );
  });
}

function auditApi(api: PollSourceConfig["api"]): ReturnType<typeof githubAudit> {
  return api.service === "github" ? githubAudit(api) : oktaAudit(api);
}
