import { stringify } from "yaml";
import type { Given } from "./connect-options.ts";

/** What the operator adds, so that the stream exists once the customer's side is ready. */
export interface OperatorSide {
  readonly file: string;
  readonly content: string;
  /** Commands in order, with the file where it was saved. */
  readonly commands: readonly string[];
  /** Variables that hold the stream's secrets. */
  readonly variables: readonly string[];
}

/** Where the runner and the store are. */
export interface Place {
  readonly config: string;
  readonly organization: string;
  readonly sink: string;
  /** How a folder's file is named on a command line. */
  readonly pathOf: (file: string) => string;
}

/** Secrets of each sink, by option, and the variables that stand for them. */
const secretVariables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  splunk: { token: "SPLUNK_HEC_TOKEN" },
  datadog: { api_key: "DATADOG_API_KEY" },
};

/**
 * The stream as the operator writes it. Options without secrets make one with `streams create`; a secret can be named by
 * the configuration file alone.
 */
export function operatorSide(given: Given, externalId: string, place: Place): OperatorSide {
  const { config, organization, sink, pathOf } = place;
  const variables = Object.entries(secretVariables[sink] ?? {});
  const id = streamIdOf(organization, sink);
  if (variables.length === 0) {
    const file = `${sink}-options.yaml`;
    const words = ["-c", config, "--organization", organization, "--sink", sink, "--options", pathOf(file), "--id", id];
    return {
      file,
      content: stringify(sink === "s3" ? s3Options(given, externalId) : given, { lineWidth: 0 }),
      commands: [`headgate streams create ${words.map(word).join(" ")}`],
      variables: [],
    };
  }
  const secrets = Object.fromEntries(variables.map(([name, variable]) => [name, `\${env:${variable}}`]));
  const stream = { id, organization, sink, options: { ...given, ...secrets } };
  return {
    file: `${sink}-stream.yaml`,
    content: stringify({ streams: [stream] }, { lineWidth: 0 }),
    commands: [`headgate validate -c ${word(config)}`, `headgate streams verify -c ${word(config)} ${word(id)}`],
    variables: variables.map(([, variable]) => variable),
  };
}

/** What the stream will be called: roles that trust its tokens name it before it exists. */
export function streamIdOf(organization: string, sink: string): string {
  return `${organization.replaceAll(/[^\w.-]/g, "-")}-${sink}`;
}

/** As configuration files write them. */
function s3Options(given: Given, externalId: string): Given {
  const { role_arn, access, encryption, ...same } = given;
  const isDefault = (encryption as { readonly mode?: unknown } | undefined)?.mode === "aws-default";
  return {
    ...same,
    credentials:
      access === "web_identity"
        ? { web_identity: { role_arn } }
        : { assume_role: { role_arn, external_id: externalId } },
    ...(encryption === undefined || isDefault ? {} : { encryption }),
  };
}

/** One word of a POSIX shell, quoted where it has to be. */
function word(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
