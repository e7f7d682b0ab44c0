import { datadogSink } from "@headgate/sink-datadog";
import { s3Sink } from "@headgate/sink-s3";
import { splunkSink } from "@headgate/sink-splunk";
import type { Guide, JsonSchema, SetupSink, Step } from "../rest/wire.ts";

const externalId = "hg-acme-4f1c9d20b7e84a53";

/** The sinks' own: a form that suits a made-up schema proves nothing. */
function schemaOf({ customer }: { readonly customer?: { readonly schema: object } }): JsonSchema {
  return customer?.schema as JsonSchema;
}

/** The kinds of destination that the fake offers. */
export const fakeSinks: readonly SetupSink[] = [
  { type: "s3", title: "Amazon S3", schema: schemaOf(s3Sink()) },
  { type: "splunk", title: "Splunk", schema: schemaOf(splunkSink()) },
  { type: "datadog", title: "Datadog", schema: schemaOf(datadogSink()) },
];

/** What to do, filled in from what was given. */
export function fakeGuide({ type, title, schema }: SetupSink, options: Readonly<Record<string, unknown>>): Guide {
  const given = (name: string, otherwise: string): string =>
    typeof options[name] === "string" ? options[name] : otherwise;
  const bucket = given("bucket", "<your-bucket>");
  if (type !== "s3")
    return {
      title,
      external_id: externalId,
      schema,
      steps: [
        {
          title: "Make a token",
          text: "In Splunk Web, open Settings, Data inputs, HTTP Event Collector, and choose New Token.",
        },
        { title: "Enter it here", text: `The index is ${given("index", "the token's default")}.` },
      ],
      artifacts: [],
    };
  const trust = {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::111122223333:role/headgate" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": externalId } },
      },
    ],
  };
  return {
    title,
    external_id: externalId,
    schema,
    steps: [
      {
        title: "Choose a bucket",
        text: `Use ${bucket} in ${given("region", "<your-region>")}, or make it, with public access blocked. Headgate never reads, lists or deletes.`,
      },
      {
        title: "Make a role for Headgate",
        text: "It trusts the platform, and only together with your external id. CloudFormation, Terraform or the command line makes it in one go; by hand it is the two policies.",
      },
      {
        title: "Enter the role's ARN",
        text: "The stack shows it as an output, Terraform and the command line print it.",
      },
    ],
    artifacts: [
      {
        id: "cloudformation",
        title: "CloudFormation",
        file: "headgate.yaml",
        language: "yaml",
        description: "A stack with the role and its policies.",
        content: `AWSTemplateFormatVersion: "2010-09-09"\nResources:\n  HeadgateRole:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: headgate\n      Policies:\n        - PolicyName: write\n          PolicyDocument:\n            Statement:\n              - Effect: Allow\n                Action: s3:PutObject\n                Resource: arn:aws:s3:::${bucket}/${given("prefix", "")}*\n`,
      },
      {
        id: "terraform",
        title: "Terraform",
        file: "headgate.tf",
        language: "hcl",
        description: "The same for Terraform.",
        content: `resource "aws_iam_role" "headgate" {\n  name = "headgate"\n}\n`,
      },
      {
        id: "trust-policy",
        title: "Trust policy",
        file: "trust-policy.json",
        language: "json",
        description: "Says who may assume the role.",
        content: `${JSON.stringify(trust, undefined, 2)}\n`,
      },
    ],
  };
}

/** The steps of a verification: a role that ends in `wrong`, and a token `wrong`, fail. */
export function fakeSteps(sink: string, options: Readonly<Record<string, unknown>>): readonly Step[] {
  const role = typeof options["role_arn"] === "string" ? options["role_arn"] : "";
  if (sink === "s3" && role.endsWith("wrong"))
    return [
      {
        name: "credentials",
        status: "ok",
        detail: "The platform's own identity is arn:aws:iam::111122223333:role/headgate.",
      },
      {
        name: "assume role",
        status: "failed",
        detail: `${role} cannot be assumed: AccessDenied.`,
        fix: "Check the role's ARN, and that its trust policy names arn:aws:iam::111122223333:role/headgate and your external id.",
      },
      { name: "write", status: "skipped", detail: "Not tried without a session." },
    ];
  if (options["token"] === "wrong")
    return [
      {
        name: "token",
        status: "failed",
        detail: "The collector answered 403: Invalid token.",
        fix: "Copy the token's value from Splunk Web once more.",
      },
    ];
  return [
    {
      name: "credentials",
      status: "ok",
      detail: "The platform's own identity is arn:aws:iam::111122223333:role/headgate.",
    },
    { name: "assume role", status: "ok", detail: "The role was assumed for 1 hour." },
    {
      name: "external id",
      status: "ok",
      detail: "Without the external id, and with a wrong one, the role was refused.",
    },
    { name: "write", status: "ok", detail: "A marker of 214 bytes was written." },
  ];
}
