import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Credentials } from "@aws-sdk/client-sts";
import type { SinkContext } from "@headgate/core";
import { secret } from "@headgate/core";
import type { BaseCredentials } from "./base-credentials.ts";
import { uncached } from "./base-credentials.ts";
import type { Connections } from "./connections.ts";
import type { AwsIdentity, S3OperatorOptions } from "./options.ts";
import { roleSessionName } from "./session-name.ts";
import { sessionPolicy } from "./session-policy.ts";
import type { SessionOrigin } from "./session.ts";
import { defaultTimeouts } from "./settings.ts";
import type { S3Destination, S3Settings } from "./settings.ts";

/** What all streams of one process share. */
export interface Shared {
  readonly connections: Connections;
  readonly base: BaseCredentials;
  readonly webIdentityToken: S3OperatorOptions["webIdentityToken"];
}

/** An STS client: regional for AWS, the S3 endpoint itself for other servers. `release` lets its sockets go. */
export function stsClient(destination: S3Destination, shared: Shared): { readonly client: STSClient; release(): void } {
  const lease = shared.connections.open({ timeouts: defaultTimeouts, guarded: destination.guarded });
  const client = new STSClient({
    region: destination.region,
    ...(destination.aws || destination.endpoint === undefined ? {} : { endpoint: destination.endpoint }),
    credentials: uncached(() => shared.base.get()),
    // Core retries, with backoff that all streams share.
    maxAttempts: 1,
    retryMode: "standard",
    requestHandler: lease.handler,
  });
  return { client, release: () => lease.release() };
}

/** Where a stream's sessions come from. `client` makes the STS client on first use. */
export function sessionOrigin(
  settings: S3Settings,
  prefix: string,
  shared: Shared,
  context: Pick<SinkContext, "organization" | "stream">,
  client: () => STSClient,
): SessionOrigin {
  const { credentials } = settings;
  if (credentials.kind === "static") {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials.keys;
    const identity = {
      accessKeyId,
      secretAccessKey: secret(secretAccessKey).reveal(),
      ...(sessionToken === undefined ? {} : { sessionToken: secret(sessionToken).reveal() }),
    };
    return { obtain: () => Promise.resolve({ identity, lifetimeMs: Number.POSITIVE_INFINITY }) };
  }
  if (credentials.kind === "defaultChain") {
    return {
      async obtain(force) {
        if (force) shared.base.refused();
        return { identity: await shared.base.get(), lifetimeMs: undefined };
      },
    };
  }
  const { role, kind } = credentials;
  const seconds = role.durationSeconds ?? 3600;
  const request = {
    RoleArn: role.roleArn,
    RoleSessionName: role.sessionName ?? roleSessionName(context.organization, context.stream),
    DurationSeconds: seconds,
    Policy: sessionPolicy(settings, prefix, role.roleArn),
  };
  return {
    async obtain() {
      if (kind === "assumeRole") {
        const external = role.externalId === undefined ? {} : { ExternalId: role.externalId };
        const reply = await client().send(new AssumeRoleCommand({ ...request, ...external }));
        return { identity: identityOf(reply.Credentials), lifetimeMs: seconds * 1000 };
      }
      const { organization, stream } = context;
      const token = await shared.webIdentityToken?.({ organization, stream });
      const command = new AssumeRoleWithWebIdentityCommand({ ...request, WebIdentityToken: token?.reveal() ?? "" });
      const reply = await client().send(command);
      return { identity: identityOf(reply.Credentials), lifetimeMs: seconds * 1000 };
    },
  };
}

function identityOf(credentials: Credentials | undefined): AwsIdentity {
  const { AccessKeyId, SecretAccessKey, SessionToken } = credentials ?? {};
  if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
    throw new Error("STS answered without credentials.");
  }
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}
