import type { S3Client } from "@aws-sdk/client-s3";
import type { STSClient } from "@aws-sdk/client-sts";
import type { SinkContext } from "@headgate/core";
import { HeadgateError } from "@headgate/core";
import type { GivenSession, RoleCredentials, SessionRequest, Shared } from "./assume-role.ts";
import { requestSession, sessionOrigin, stsClient } from "./assume-role.ts";
import { s3Client } from "./client.ts";
import type { ConnectionLease } from "./connections.ts";
import type { AwsIdentity } from "./options.ts";
import type { SessionOrigin, SessionSource } from "./session.ts";
import { sessionSource } from "./session.ts";
import type { S3Settings } from "./settings.ts";

/** A client and the sessions that it signs with. */
export interface Access {
  readonly client: S3Client;
  readonly sessions: SessionSource;
}

/** How one stream reaches its bucket. Opens nothing before it is used. */
export interface StreamAccess {
  /**
   * By prefix, because sessions are narrowed to one: a window that was sealed before the stream's prefix was changed
   * ends under the old one.
   */
  under(prefix: string): Access;
  /** Credentials that are obtained anew, under the stream's own prefix, apart from those that delivery holds. */
  fresh(): Promise<AwsIdentity>;
  /** A session of the stream's role, asked for as the caller says. Rejects with the SDK's error. */
  assume(role: RoleCredentials, request: SessionRequest): Promise<GivenSession>;
  /** A client that signs with the given credentials. */
  clientOf(identity: AwsIdentity): S3Client;
  /** @throws `sink_closed` after `close` */
  throwIfClosed(): void;
  /** Lets the sockets go. May be called twice. */
  close(): void;
}

/** The access of one stream. */
export function streamAccess(settings: S3Settings, shared: Shared, context: SinkContext): StreamAccess {
  const { destination, timeouts } = settings;
  const accesses = new Map<string, Access>();
  let lease: ConnectionLease | undefined;
  let sts: { readonly client: STSClient; release(): void } | undefined;
  let closed = false;

  const stsOf = (): STSClient => {
    sts ??= stsClient(destination, shared);
    return sts.client;
  };
  const originOf = (prefix: string, guarded: boolean): SessionOrigin =>
    sessionOrigin(settings, prefix, shared, context, stsOf, { guarded });
  const clientOf = (identity: () => Promise<AwsIdentity>): S3Client => {
    lease ??= shared.connections.open({ timeouts, guarded: destination.guarded });
    return s3Client(destination, identity, lease.handler, 1);
  };

  return {
    throwIfClosed() {
      if (closed)
        throw new HeadgateError("sink_closed", `The S3 sink of stream "${context.stream}" has been disposed of.`);
    },
    under(prefix) {
      const existing = accesses.get(prefix);
      if (existing !== undefined) return existing;
      const sessions = sessionSource(originOf(prefix, true), context);
      const client = clientOf(async () => (await sessions.current()).identity);
      const access = { client, sessions };
      accesses.set(prefix, access);
      return access;
    },
    // A verification tells of the external id by itself, in a step of its own.
    fresh: async () => (await originOf(settings.prefix, false).obtain(false)).identity,
    assume: (role, request) => requestSession(role, request, shared, context, stsOf()),
    clientOf: (identity) => clientOf(() => Promise.resolve(identity)),
    close() {
      closed = true;
      lease?.release();
      sts?.release();
    },
  };
}
