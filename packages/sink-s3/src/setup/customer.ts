import type { CustomerSetup } from "@headgate/core";
import { HeadgateError } from "@headgate/core";
import type { S3OperatorOptions, S3SinkOptions } from "../options.ts";
import { s3GivenOf, s3OptionsOfCustomer } from "./customer-options.ts";
import { s3Guide } from "./guide.ts";
import { usualAccess } from "./answers.ts";
import { s3CustomerSchemaWith } from "./schema.ts";

/** Users, roles and whole accounts; other servers leave out the account id. */
const principalForm = /^arn:aws[a-z-]*:iam::\d*:(root|(role|user)\/[\w+=,.@/-]+)$/;

type CustomerOperator = Pick<
  S3OperatorOptions,
  "platformPrincipal" | "webIdentity" | "allowedAddresses" | "allowInsecureEndpoint" | "customerEndpoints"
>;

/** The schema says it already; but what is signed with the platform's credentials must not hang on a caller's care. */
function assertEndpoint(endpoint: unknown, allowed: "any" | readonly string[]): void {
  if (endpoint === undefined || allowed === "any") return;
  if (typeof endpoint === "string" && allowed.includes(endpoint)) return;
  throw new HeadgateError(
    "sink_options_invalid",
    "The S3 options are wrong: this platform does not allow the endpoint.",
    {
      hint: "Leave the endpoint out for AWS, or ask the platform's operators to allow it.",
    },
  );
}

/** What customers may set of an S3 stream: never the process's own credentials, and roles only with their external id. */
export function s3Customer({
  platformPrincipal,
  webIdentity,
  allowedAddresses = [],
  allowInsecureEndpoint = false,
  customerEndpoints = allowInsecureEndpoint ? "any" : [],
}: CustomerOperator): CustomerSetup<S3SinkOptions> {
  if (platformPrincipal !== undefined && !principalForm.test(platformPrincipal)) {
    throw new HeadgateError(
      "config_invalid",
      "The platform's principal is no ARN of a role, a user or an account that policies can name.",
      { hint: "Write it like arn:aws:iam::111122223333:role/headgate. Of a session, name its role." },
    );
  }
  const platform = { platformPrincipal, webIdentity };
  return {
    title: "Amazon S3",
    schema: s3CustomerSchemaWith(customerEndpoints, webIdentity && usualAccess(platform)),
    options(given, context, previous) {
      assertEndpoint(given["endpoint"], customerEndpoints);
      return s3OptionsOfCustomer(given, context, { allowedAddresses, ...platform }, previous);
    },
    given: (options) => s3GivenOf(options, webIdentity !== undefined),
    guide: (given, context) => s3Guide(given, context, platform),
  };
}
