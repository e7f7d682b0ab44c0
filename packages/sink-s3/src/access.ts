import type { S3Client } from "@aws-sdk/client-s3";
import type { STSClient } from "@aws-sdk/client-sts";
import type { SinkContext } from "@headgate/core";
import { HeadgateError } from "@headgate/core";
import type { Shared } from "./assume-role.ts";
import { sessionOrigin, stsClient } from "./assume-role.ts";
import { s3Client } from "./client.ts";
import type { ConnectionLease } from "./connections.ts";
import type { SessionSource } from "./session.ts";
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

  return {
    throwIfClosed() {
      if (closed)
        throw new HeadgateError("sink_closed", `The S3 sink of stream "${context.stream}" has been disposed of.`);
    },
    under(prefix) {
      const existing = accesses.get(prefix);
      if (existing !== undefined) return existing;
      lease ??= shared.connections.open({ timeouts, guarded: destination.guarded });
      const origin = sessionOrigin(settings, prefix, shared, context, () => {
        sts ??= stsClient(destination, shared);
        return sts.client;
      });
      const sessions = sessionSource(origin, context);
      const client = s3Client(destination, async () => (await sessions.current()).identity, lease.handler, 1);
      const access = { client, sessions };
      accesses.set(prefix, access);
      return access;
    },
    close() {
      closed = true;
      lease?.release();
      sts?.release();
    },
  };
}
