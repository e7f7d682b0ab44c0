import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { HeadgateError, secret } from "@headgate/core";
import { isCertificate } from "./certificate.ts";
import type { DatadogSinkOptions, DatadogTimeouts } from "./options.ts";

interface FileOptions {
  readonly api_key: string;
  readonly api_url?: string;
  readonly ca_file?: string;
  readonly timeouts?: { readonly connect_ms?: number; readonly request_ms?: number };
}

/**
 * Turns options as files write them, already checked against the schema, into {@link DatadogSinkOptions}. The key is
 * wrapped, and the certificates of `ca_file` are read.
 * @throws `sink_options_invalid` where they cannot be
 */
export function datadogOptionsFromConfig(
  options: Readonly<Record<string, unknown>>,
  operator: { readonly allowInsecureEndpoint: boolean; readonly directory?: string },
): DatadogSinkOptions {
  const { api_key, api_url, ca_file, timeouts, ...same } = options as unknown as FileOptions;
  return {
    ...same,
    apiKey: secret(api_key),
    ...(api_url === undefined ? {} : { apiUrl: api_url }),
    ...(ca_file === undefined ? {} : { ca: certificates(resolve(operator.directory ?? ".", ca_file)) }),
    ...(timeouts === undefined ? {} : { timeouts: camelCased(timeouts) }),
    ...(operator.allowInsecureEndpoint ? { allowInsecureEndpoint: true } : {}),
  };
}

function camelCased({ connect_ms, request_ms }: NonNullable<FileOptions["timeouts"]>): DatadogTimeouts {
  return {
    ...(connect_ms === undefined ? {} : { connectMs: connect_ms }),
    ...(request_ms === undefined ? {} : { requestMs: request_ms }),
  };
}

function certificates(path: string): string {
  let pem: string;
  try {
    pem = readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    throw wrong(`The ca_file ${path} cannot be read (${code}).`);
  }
  if (!isCertificate(pem)) throw wrong(`The ca_file ${path} holds no certificate in PEM form.`);
  return pem;
}

function wrong(message: string): HeadgateError {
  return new HeadgateError("sink_options_invalid", message, {
    hint: "Name a file with the certificate of the authority that signed the endpoint's, as -----BEGIN CERTIFICATE-----.",
  });
}
