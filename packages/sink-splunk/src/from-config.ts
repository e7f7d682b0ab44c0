import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { secret } from "@headgate/core";
import type { SplunkSinkOptions } from "./options.ts";

type Json = Readonly<Record<string, unknown>>;

const camelCase = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

function camelCased(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [camelCase(name), camelCased(member)]));
}

/**
 * Turns options as files write them, already checked against the schema, into {@link SplunkSinkOptions}: the token is
 * wrapped, `ca_file` is read. What is wrong with the file is said to `complain`.
 */
export function splunkOptionsFromConfig(
  options: Json,
  operator: { readonly allowInsecureEndpoint: boolean; readonly directory?: string },
  complain: (problem: string) => void,
): SplunkSinkOptions {
  const { ca_file: caFile, token, ...rest } = options;
  const camel = camelCased(rest) as Omit<SplunkSinkOptions, "token">;
  const ca = typeof caFile === "string" ? readCa(resolve(operator.directory ?? ".", caFile), complain) : undefined;
  return {
    ...camel,
    token: secret(String(token)),
    ...(ca === undefined ? {} : { ca }),
    ...(operator.allowInsecureEndpoint ? { allowInsecureEndpoint: true } : {}),
  };
}

function readCa(path: string, complain: (problem: string) => void): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    complain(`ca_file ${path} cannot be read (${code})`);
    return undefined;
  }
  // A key beside the certificate stays where it is: the options are stored.
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (certificates === null) {
    complain(`ca_file ${path} holds no certificate (PEM)`);
    return undefined;
  }
  return `${certificates.join("\n")}\n`;
}
