import { secret } from "@headgate/core";
import type { S3SinkOptions } from "./options.ts";

type Json = Readonly<Record<string, unknown>>;

const camelCase = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Members whose own members are the user's words, not ours. */
const verbatim = new Set(["tags"]);
const secrets = new Set(["secretAccessKey", "sessionToken"]);

function camelCased(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const camel = camelCase(name);
      if (verbatim.has(camel)) return [camel, member];
      if (secrets.has(camel) && typeof member === "string") return [camel, secret(member)];
      return [camel, camelCased(member)];
    }),
  );
}

/**
 * Turns options as files write them, already checked against the schema, into {@link S3SinkOptions}. Secrets are wrapped.
 */
export function s3OptionsFromConfig(
  options: Json,
  operator: { readonly allowInsecureEndpoint: boolean },
): S3SinkOptions {
  const camel = camelCased(options) as S3SinkOptions;
  const chain = typeof camel.credentials === "object" && "defaultChain" in camel.credentials;
  const plain = (camel.credentials as unknown) === "default_chain";
  return {
    ...camel,
    ...(chain || plain ? { credentials: "defaultChain" as const } : {}),
    ...(operator.allowInsecureEndpoint ? { allowInsecureEndpoint: true } : {}),
  };
}
