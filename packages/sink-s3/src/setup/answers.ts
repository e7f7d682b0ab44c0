import type { CustomerContext } from "@headgate/core";
import type { S3WebIdentityIssuer } from "../options.ts";
import type { Partition } from "./partition.ts";
import { partitionOf, partitionOfArn } from "./partition.ts";

/** What a guide is written for: every value has the form that its place needs, or is a placeholder in angle brackets. */
export interface S3Answers {
  readonly bucket: string;
  readonly region: string;
  readonly prefix: string;
  readonly partition: Partition;
  readonly role: {
    readonly name: string;
    readonly path: string;
    readonly arn: string;
    readonly account: string | undefined;
  };
  /** Undefined where objects are not to be encrypted with a KMS key that must be allowed. */
  readonly kmsKeyArn: string | undefined;
  readonly encryption: string;
  /** Of an S3-compatible server; undefined for AWS. */
  readonly endpoint: string | undefined;
  /** Whom the role trusts. */
  readonly principal: string;
  readonly principalKnown: boolean;
  readonly externalId: string;
  /** What the role trusts instead, where it is a token of the platform's issuer. */
  readonly webIdentity: WebIdentityAnswers | undefined;
}

/** Claims that a role's trust pins. */
export interface WebIdentityAnswers {
  readonly issuer: string;
  /** The issuer as IAM names it: without the scheme. */
  readonly provider: string;
  readonly providerArn: string;
  readonly audience: string;
  readonly subject: string;
}

/** How the platform comes by a customer's role. */
export type S3Access = "assume_role" | "web_identity";

/** The operator's part of a guide. */
export interface S3Platform {
  readonly platformPrincipal?: string | undefined;
  readonly webIdentity?: S3WebIdentityIssuer | undefined;
}

/** What customers get that have not chosen: keys on neither side where the platform has no identity in AWS. */
export function usualAccess({ platformPrincipal, webIdentity }: S3Platform): S3Access {
  return platformPrincipal === undefined && webIdentity !== undefined ? "web_identity" : "assume_role";
}

/** Stands where an account's id is not known yet. */
export const accountPlaceholder = "<your-account-id>";

/** What stands where the platform has not said whom roles are to trust. */
export const principalPlaceholder = "<arn-of-the-platform>";

const roleForm = /^arn:aws[a-z-]*:iam::(\d*):role(\/(?:[\w+=,.@/-]*\/)?)([\w+=,.@-]{1,64})$/;

/**
 * Reads what was given so far. It need not follow the schema yet, and it becomes part of shell commands and templates:
 * what is not known to be harmless is left out here, and each language quotes what is left.
 */
export function s3Answers(
  given: Readonly<Record<string, unknown>>,
  context: Pick<CustomerContext, "externalId" | "organization" | "stream">,
  platform: S3Platform,
): S3Answers {
  const { platformPrincipal } = platform;
  const text = (name: string, form: RegExp, otherwise: string): string => fit(given[name], form) ?? otherwise;
  const region = text("region", /^[a-z0-9-]{1,40}$/, "<region>");
  const partition = partitionOf(region);
  const arn = fit(given["role_arn"], roleForm);
  const [, account = "", path = "/", name = "headgate"] = roleForm.exec(arn ?? "") ?? [];
  const encryption = encryptionAnswers(given["encryption"]);
  const endpoint = fit(given["endpoint"], /^https?:\/\/[\w.:[\]-]+(\/[\w./-]*)?$/);
  const whole = arn === undefined ? partition : partitionOfArn(arn);
  const access = fit(given["access"], /^(assume_role|web_identity)$/) ?? usualAccess(platform);
  const { webIdentity } = platform;
  return {
    bucket: text("bucket", /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "<your-bucket>"),
    region,
    prefix: text("prefix", /^[A-Za-z0-9!_.'()=/@:,-]{0,900}$/, ""),
    partition: whole,
    role: {
      name,
      path,
      arn: arn ?? `arn:${partition.name}:iam::${accountPlaceholder}:role/headgate`,
      account: account === "" ? undefined : account,
    },
    ...encryption,
    endpoint,
    principal: platformPrincipal ?? principalPlaceholder,
    principalKnown: platformPrincipal !== undefined,
    externalId: context.externalId,
    webIdentity:
      access === "web_identity" && webIdentity !== undefined
        ? webIdentityAnswers(webIdentity, context, whole, account, endpoint === undefined)
        : undefined,
  };
}

function webIdentityAnswers(
  webIdentity: S3WebIdentityIssuer,
  { organization, stream }: Pick<CustomerContext, "organization" | "stream">,
  { name }: Partition,
  account: string,
  aws: boolean,
): WebIdentityAnswers {
  const { issuer, audience } = webIdentity;
  const provider = issuer.replace(/^https?:\/\//, "");
  const whose = account === "" && aws ? accountPlaceholder : account;
  return {
    issuer,
    provider,
    providerArn: `arn:${name}:iam::${whose}:oidc-provider/${provider}`,
    audience,
    subject: stream === undefined ? "<subject-of-the-stream>" : webIdentity.subject({ organization, stream }),
  };
}

function encryptionAnswers(value: unknown): Pick<S3Answers, "encryption" | "kmsKeyArn"> {
  const members = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const encryption = fit(members["mode"], /^(sse-s3|sse-kms|dsse-kms)$/) ?? "aws-default";
  const key = fit(members["kms_key_arn"], /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]{1,256}$/);
  return { encryption, kmsKeyArn: encryption.endsWith("kms") ? key : undefined };
}

function fit(value: unknown, form: RegExp): string | undefined {
  return typeof value === "string" && form.test(value) ? value : undefined;
}
