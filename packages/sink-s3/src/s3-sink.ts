import type { SinkDefinition } from "@headgate/core";
import { canEncodeObject, digestKey, HeadgateError, objectEncoding } from "@headgate/core";
import { streamAccess } from "./access.ts";
import type { Shared } from "./assume-role.ts";
import { baseCredentials } from "./base-credentials.ts";
import { sharedConnections } from "./connections.ts";
import { deliverer } from "./deliver.ts";
import { s3OptionsFromConfig } from "./from-config.ts";
import type { S3OperatorOptions, S3SinkOptions } from "./options.ts";
import { s3OptionsSchema } from "./schema.ts";
import { roleIdentity } from "./role-identity.ts";
import { resolveSettings } from "./settings.ts";
import { s3Customer } from "./setup/customer.ts";
import { verifyStream } from "./verification/verify-stream.ts";

const mebibyte = 1024 * 1024;

/**
 * The S3 sink, for `createHeadgate`: one object per hour and window, written once, under a key made of its content.
 * Streams share sockets and the platform's own credentials.
 *
 * @example
 * ```ts
 * const headgate = createHeadgate({ store, sinks: [s3Sink()] });
 * await headgate.streams.create("org_1", {
 *   sink: "s3",
 *   options: { bucket: "acme-audit-logs", region: "eu-west-1", roleArn, externalId, encryption: { mode: "sse-s3" } },
 * });
 * ```
 */
export function s3Sink(operator: S3OperatorOptions = {}): SinkDefinition<"s3", S3SinkOptions> {
  const { webIdentity } = operator;
  const shared: Shared = {
    connections: sharedConnections(operator.allowedAddresses),
    base: baseCredentials(operator.baseCredentials),
    webIdentityToken: operator.webIdentityToken ?? (webIdentity && ((request) => webIdentity.token(request))),
    webIdentity,
    platformPrincipal: operator.platformPrincipal,
  };
  return {
    type: "s3",
    secretOptions: ["secretAccessKey", "sessionToken"],
    schema: s3OptionsSchema,
    fromConfig(options, rules) {
      const camel = s3OptionsFromConfig(options, rules);
      resolveSettings(
        { ...camel, ...allowance(operator) },
        undefined,
        rules.allowedAddresses ?? operator.allowedAddresses,
      );
      return camel;
    },
    customer: s3Customer(operator),
    location: ({ endpoint = "aws", bucket, prefix = "" }) => `${endpoint}/${bucket}/${prefix}`,
    tenancy: roleIdentity,
    create(options, context) {
      const settings = resolveSettings(
        { ...options, ...allowance(operator) },
        context.stream,
        operator.allowedAddresses,
      );
      if (settings.credentials.kind === "webIdentity" && shared.webIdentityToken === undefined) {
        throw new HeadgateError(
          "sink_options_invalid",
          `Stream "${context.stream}" has web_identity credentials, but this process issues no tokens.`,
          {
            hint: "Pass webIdentity to s3Sink (in a configuration file: set oidc), or use assume_role.",
          },
        );
      }
      // Ids that do not fit into a token are better refused now than at each session.
      if (settings.credentials.kind === "webIdentity") operator.webIdentity?.subject(context);
      const access = streamAccess(settings, shared, context);
      const { deliver, deliverDigest } = deliverer({ settings, access, base: shared.base, clock: context.clock });
      const { prefix = "" } = settings.objectLayout;
      return {
        name: "s3",
        acknowledgement: "stored",
        limits: { maxEvents: 100_000, maxBytes: 64 * mebibyte, maxEventBytes: 16 * mebibyte, concurrency: 4 },
        partition: "hour",
        host: settings.destination.host,
        flush: { maxAgeMs: 5 * 60_000, maxBytes: 64 * mebibyte, maxEvents: 100_000 },
        encoding: objectEncoding(settings.objectLayout),
        canEncode: canEncodeObject,
        deliver,
        digests: {
          key: (chain, number) => digestKey({ prefix, ...chain }, number),
          deliver: deliverDigest,
        },
        verify: ({ signal }) => verifyStream({ settings, access, shared, context, signal }),
        async [Symbol.asyncDispose]() {
          access.close();
        },
      };
    },
  };
}

function allowance(operator: S3OperatorOptions): Pick<S3SinkOptions, "allowInsecureEndpoint"> {
  return operator.allowInsecureEndpoint === true ? { allowInsecureEndpoint: true } : {};
}
