import type { CustomerSetup } from "@headgate/core";
import { HeadgateError } from "@headgate/core";
import type { S3OperatorOptions, S3SinkOptions } from "../options.ts";
import { s3GivenOf, s3OptionsOfCustomer } from "./customer-options.ts";
import { s3Guide } from "./guide.ts";
import { s3CustomerSchema } from "./schema.ts";

/** Users, roles and whole accounts; other servers leave out the account id. */
const principalForm = /^arn:aws[a-z-]*:iam::\d*:(root|(role|user)\/[\w+=,.@/-]+)$/;

/** What customers may set of an S3 stream: never the process's own credentials, and roles only with their external id. */
export function s3Customer({
  platformPrincipal,
  allowedAddresses = [],
}: Pick<S3OperatorOptions, "platformPrincipal" | "allowedAddresses">): CustomerSetup<S3SinkOptions> {
  if (platformPrincipal !== undefined && !principalForm.test(platformPrincipal)) {
    throw new HeadgateError(
      "config_invalid",
      "The platform's principal is no ARN of a role, a user or an account that policies can name.",
      { hint: "Write it like arn:aws:iam::111122223333:role/headgate. Of a session, name its role." },
    );
  }
  return {
    title: "Amazon S3",
    schema: s3CustomerSchema,
    options: (given, context, previous) => s3OptionsOfCustomer(given, context, allowedAddresses, previous),
    given: s3GivenOf,
    guide: (given, context) => s3Guide(given, context, platformPrincipal),
  };
}
