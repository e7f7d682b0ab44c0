import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { AssumeRoleCommandOutput, AssumeRoleWithWebIdentityCommandOutput } from "@aws-sdk/client-sts";
import type { SinkContext } from "@headgate/core";
import { secret } from "@headgate/core";
import { guardedRole } from "./guarded-role.ts";
import type { WrongRequest } from "./guarded-role.ts";
import type { BaseCredentials } from "./base-credentials.ts";
import { uncached } from "./base-credentials.ts";
import type { Connections } from "./connections.ts";
import type { AwsIdentity, S3OperatorOptions, S3WebIdentityIssuer } from "./options.ts";
import { roleSessionName } from "./session-name.ts";
import { sessionPolicy } from "./session-policy.ts";
import type { SessionOrigin } from "./session.ts";
import type { TokenOwner } from "./token-owner.ts";
import { defaultTimeouts } from "./settings.ts";
import type { ResolvedCredentials, S3Destination, S3Settings } from "./settings.ts";

/** What all streams of one process share. */
export interface Shared {
  readonly connections: Connections;
  readonly base: BaseCredentials;
  readonly webIdentityToken: S3OperatorOptions["webIdentityToken"];
  /** Whom the roles of customers are to trust, where the operator says so. */
  readonly platformPrincipal?: string | undefined;
  readonly webIdentity?: S3WebIdentityIssuer | undefined;
}

/** Credentials of the kinds that assume a role. */
export type RoleCredentials = Extract<ResolvedCredentials, { readonly role: unknown }>;

/** Life of a session where the stream does not say, in seconds. */
export const defaultSessionSeconds = 3600;

/** What a session is asked for with. */
export interface SessionRequest {
  readonly seconds: number;
  /** A session policy. Undefined: the session may do all that the role may. */
  readonly policy: string | undefined;
  /** Undefined: none is sent. Web identity knows none. */
  readonly externalId?: string | undefined;
  /** Whose token is used with web identity. @default the stream's own */
  readonly tokenOf?: TokenOwner;
  readonly signal?: AbortSignal;
}

/** A session as STS gave it. */
export interface GivenSession {
  readonly identity: AwsIdentity;
  /** By its form some servers can be told apart. */
  readonly requestId: string | undefined;
}

/** An STS client: regional for AWS, the S3 endpoint itself for other servers. `release` lets its sockets go. */
export function stsClient(destination: S3Destination, shared: Shared): { readonly client: STSClient; release(): void } {
  const lease = shared.connections.open({ timeouts: defaultTimeouts, guarded: destination.guarded });
  const client = new STSClient({
    region: destination.region,
    ...(destination.stsEndpoint === undefined ? {} : { endpoint: destination.stsEndpoint }),
    credentials: uncached(() => shared.base.get()),
    // Core retries, with backoff that all streams share.
    maxAttempts: 1,
    retryMode: "standard",
    requestHandler: lease.handler,
  });
  return { client, release: () => lease.release() };
}

/** The least life of a session that AWS gives, in seconds: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const leastSessionSeconds = 900;

/**
 * Where a stream's sessions come from. `client` makes the STS client on first use. With `guarded`, a role of AWS that
 * goes with an external id must first be seen to be refused without one; many other servers do not compare them.
 */
export function sessionOrigin(
  settings: S3Settings,
  prefix: string,
  shared: Shared,
  context: Pick<SinkContext, "organization" | "stream" | "clock">,
  client: () => STSClient,
  { guarded }: { readonly guarded: boolean },
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
  const { role } = credentials;
  const seconds = role.durationSeconds ?? defaultSessionSeconds;
  const policy = sessionPolicy(settings, prefix, role.roleArn);
  const externalId = externalIdOf(credentials);
  const probe = (other: WrongRequest): Promise<GivenSession> =>
    requestSession(credentials, { seconds: leastSessionSeconds, policy, ...other }, shared, context, client());
  const pinned = credentials.kind === "webIdentity" || externalId !== undefined;
  const insists =
    guarded && settings.destination.aws && pinned ? guardedRole(credentials.kind, probe, context) : undefined;
  return {
    async obtain() {
      await insists?.();
      const request = { seconds, policy, externalId };
      const { identity } = await requestSession(credentials, request, shared, context, client());
      return { identity, lifetimeMs: seconds * 1000 };
    },
  };
}

/** The external id that a stream sends, if any. */
export function externalIdOf(credentials: ResolvedCredentials): string | undefined {
  return credentials.kind === "assumeRole" ? credentials.role.externalId : undefined;
}

/** Asks STS for one session of a stream's role. Rejects with the SDK's error. */
export async function requestSession(
  { kind, role }: RoleCredentials,
  { seconds, policy, externalId, tokenOf, signal }: SessionRequest,
  shared: Shared,
  context: Pick<SinkContext, "organization" | "stream">,
  client: STSClient,
): Promise<GivenSession> {
  const { organization, stream } = context;
  const request = {
    RoleArn: role.roleArn,
    RoleSessionName: role.sessionName ?? roleSessionName(organization, stream),
    DurationSeconds: seconds,
    ...(policy === undefined ? {} : { Policy: policy }),
  };
  const sending = signal === undefined ? {} : { abortSignal: signal };
  if (kind === "assumeRole") {
    const external = externalId === undefined ? {} : { ExternalId: externalId };
    return given(await client.send(new AssumeRoleCommand({ ...request, ...external }), sending));
  }
  const token = await tokenFor(tokenOf ?? { organization, stream }, shared);
  const command = new AssumeRoleWithWebIdentityCommand({ ...request, WebIdentityToken: token });
  return given(await client.send(command, sending));
}

/** Under a name of its own: what a provider fails with says nothing of the network to the destination. */
async function tokenFor({ organization, stream }: TokenOwner, { webIdentityToken }: Shared): Promise<string> {
  try {
    return (await webIdentityToken?.({ organization, stream }))?.reveal() ?? "";
  } catch (cause) {
    throw Object.assign(new Error("No token could be had.", { cause }), { name: "WebIdentityTokenError" });
  }
}

function given(reply: AssumeRoleCommandOutput | AssumeRoleWithWebIdentityCommandOutput): GivenSession {
  const { AccessKeyId, SecretAccessKey, SessionToken } = reply.Credentials ?? {};
  if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
    throw new Error("STS answered without credentials.");
  }
  const identity = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  return { identity, requestId: reply.$metadata.requestId };
}
