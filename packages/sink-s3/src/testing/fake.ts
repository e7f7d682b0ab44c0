import type { Chunk, DeliveryContext, DeliveryResult, Sink } from "@headgate/core";
import { secret } from "@headgate/core";
import { auditEvents, chunkOf, deliveryContext, sinkContext } from "@headgate/sink-testkit";
import type { SinkOverrides } from "@headgate/sink-testkit";
import { startS3Server } from "@headgate/sink-testkit/s3";
import type { S3Server, S3ServerOptions } from "@headgate/sink-testkit/s3";
import { streamAccess } from "../access.ts";
import { baseCredentials } from "../base-credentials.ts";
import { sharedConnections } from "../connections.ts";
import type { S3OperatorOptions, S3SinkOptions } from "../options.ts";
import { s3Sink } from "../s3-sink.ts";
import { resolveSettings } from "../settings.ts";
import type { VerificationRun } from "../verification/run.ts";

/** The platform's key on the in-process server. */
export const platform = {
  accessKeyId: "AKIAPLATFORMPLATFORM",
  secretAccessKey: "platform-secret-platform-secret-platform",
  arn: "arn:aws:iam::111122223333:user/platform",
} as const;
export const roleArn = "arn:aws:iam::444455556666:role/headgate";
export const externalId = "hg-7f3e9a51";
export const bucket = "acme-audit-logs";
export const owner = "444455556666";

/** The in-process server with one platform, one customer's bucket, and a role that may only write to it. */
export interface Fake extends AsyncDisposable {
  readonly server: S3Server;
  /** Options of a stream that assumes the role. */
  options(overrides?: Partial<S3SinkOptions>): S3SinkOptions;
  /** A sink; disposed of with the server. */
  sink(overrides?: Partial<S3SinkOptions>, context?: SinkOverrides, operator?: S3OperatorOptions): Sink;
  deliver(sink: Sink, chunk: Chunk, context?: Partial<DeliveryContext>): Promise<DeliveryResult>;
}

/** Starts the {@link Fake}. */
export async function startFake(options: Partial<S3ServerOptions> = {}): Promise<Fake> {
  const server = await startS3Server({
    users: [platform],
    roles: [
      {
        arn: roleArn,
        trust: [platform.arn, "web"],
        externalId,
        permissions: [{ actions: ["s3:PutObject"], resources: [`arn:aws:s3:::${bucket}/*`] }],
      },
    ],
    buckets: [{ name: bucket, owner }],
    ...options,
  });
  const sinks: Sink[] = [];
  const base = (overrides: Partial<S3SinkOptions> = {}): S3SinkOptions => ({
    bucket,
    prefix: "headgate/",
    endpoint: server.endpoint,
    forcePathStyle: true,
    credentials: { assumeRole: { roleArn, externalId } },
    ...overrides,
  });
  return {
    server,
    options: base,
    sink(overrides, context, operator) {
      const definition = s3Sink({
        allowInsecureEndpoint: true,
        baseCredentials: () => Promise.resolve(platform),
        ...operator,
      });
      const sink = definition.create(base(overrides), sinkContext(context));
      sinks.push(sink);
      return sink;
    },
    deliver: (sink, chunk, context) => sink.deliver(chunk, deliveryContext(context)),
    async [Symbol.asyncDispose]() {
      for (const sink of sinks) await sink[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** What a sink is made of. */
export type SinkParts = Omit<VerificationRun, "signal">;

/** The parts of a sink that takes the in-process server for Amazon's: some behaviour is decided by the host's name. */
export function partsOnAws(
  fake: Fake,
  overrides: Partial<S3SinkOptions> = {},
  operator: Pick<S3OperatorOptions, "webIdentityToken" | "baseCredentials"> = {},
): SinkParts {
  const settings = resolveSettings({ ...fake.options(overrides), allowInsecureEndpoint: true }, "stream-1");
  const destination = { ...settings.destination, aws: true };
  const shared = {
    connections: sharedConnections(),
    base: baseCredentials(operator.baseCredentials ?? (() => Promise.resolve(platform))),
    webIdentityToken: operator.webIdentityToken,
  };
  const context = sinkContext();
  const aws = { ...settings, destination };
  return { settings: aws, access: streamAccess(aws, shared, context), shared, context };
}

/** Static credentials of the platform, which may do everything on the in-process server. */
export const everything: Partial<S3SinkOptions> = {
  credentials: {
    static: { accessKeyId: platform.accessKeyId, secretAccessKey: secret(platform.secretAccessKey) },
  },
};

/** A small chunk for a sink. */
export function someChunk(sink: Sink, first = 1): Chunk {
  return chunkOf(sink, auditEvents(3, first));
}
