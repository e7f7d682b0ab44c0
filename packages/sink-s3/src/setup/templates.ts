import type { SetupArtifact } from "@headgate/core";
import type { S3Answers, WebIdentityAnswers } from "./answers.ts";
import { accountPlaceholder } from "./answers.ts";
import type { Tree } from "./documents.ts";
import { hclExpression, yamlBlock } from "./documents.ts";
import { bucketPolicy, permissionPolicy, trustPolicy } from "./policies.ts";
import { hclText, shellOption, shellWord } from "./quote.ts";

const policyName = "headgate-write";
/** Sessions last an hour. */
const sessionSeconds = 3600;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
export function cloudFormation(answers: S3Answers): SetupArtifact {
  const { role, webIdentity } = answers;
  const template: Tree = {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "Role that lets Headgate write the audit log into a bucket, and do nothing else.",
    Parameters: {
      ...(webIdentity === undefined
        ? {}
        : { MakeProvider: choice("yes", "no: the account has the identity provider already") }),
      BucketPolicy: choice(
        "no",
        "yes: also refuse plain http, other encryption and overwriting, with a policy that takes the place of the bucket's own",
      ),
    },
    Conditions: {
      ...(webIdentity === undefined ? {} : { MakesProvider: { "Fn::Equals": [{ Ref: "MakeProvider" }, "yes"] } }),
      SetsBucketPolicy: { "Fn::Equals": [{ Ref: "BucketPolicy" }, "yes"] },
    },
    Resources: {
      ...(webIdentity === undefined
        ? {}
        : {
            HeadgateProvider: {
              Type: "AWS::IAM::OIDCProvider",
              Condition: "MakesProvider",
              Properties: { Url: webIdentity.issuer, ClientIdList: [webIdentity.audience] },
            },
          }),
      HeadgateRole: {
        Type: "AWS::IAM::Role",
        Properties: {
          RoleName: role.name,
          ...(role.path === "/" ? {} : { Path: role.path }),
          Description: "Lets Headgate write the audit log",
          MaxSessionDuration: sessionSeconds,
          AssumeRolePolicyDocument: trustInStack(answers),
          Policies: [{ PolicyName: policyName, PolicyDocument: permissionPolicy(answers) }],
        },
      },
      HeadgateBucketPolicy: {
        Type: "AWS::S3::BucketPolicy",
        Condition: "SetsBucketPolicy",
        Properties: { Bucket: answers.bucket, PolicyDocument: bucketPolicy(answers) },
      },
    },
    Outputs: {
      RoleArn: {
        Description: "Enter this as the role ARN",
        Value: { "Fn::GetAtt": ["HeadgateRole", "Arn"] },
      },
    },
  };
  return {
    id: "cloudformation",
    title: "CloudFormation",
    file: "headgate-role.yaml",
    language: "yaml",
    content: `${yamlBlock(template).trimStart()}\n`,
    description:
      "A stack that makes the role with its trust and its permissions, and shows its ARN as an output. It asks for CAPABILITY_NAMED_IAM, because the role has a name.",
  };
}

/** A parameter with two values. */
function choice(usual: "yes" | "no", description: string): Tree {
  return { Type: "String", Default: usual, AllowedValues: ["yes", "no"], Description: description };
}

/**
 * The provider that the stack makes is made before the role by being named here: `DependsOn` may not name what a condition
 * leaves out. Of one that is there already the stack knows the account, whether the customer has given it or not.
 */
function trustInStack(answers: S3Answers): Tree {
  const trust = trustPolicy(answers);
  const { webIdentity } = answers;
  if (webIdentity === undefined) return trust;
  const { providerArn } = webIdentity;
  const known = providerArn.includes(accountPlaceholder)
    ? { "Fn::Sub": providerArn.replace(accountPlaceholder, "${AWS::AccountId}") }
    : providerArn;
  const federated = { "Fn::If": ["MakesProvider", { "Fn::GetAtt": ["HeadgateProvider", "Arn"] }, known] };
  const [statement] = (trust as { readonly Statement: readonly { readonly [name: string]: Tree }[] }).Statement;
  return {
    ...(trust as { readonly [name: string]: Tree }),
    Statement: [{ ...statement, Principal: { Federated: federated } }],
  };
}

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role */
export function terraform(answers: S3Answers): SetupArtifact {
  const { role, webIdentity } = answers;
  const attributes: readonly (readonly [string, string])[] = [
    ["name", hclText(role.name)],
    ...(role.path === "/" ? [] : [["path", hclText(role.path)] as const]),
    ["description", hclText("Lets Headgate write the audit log")],
    ["max_session_duration", String(sessionSeconds)],
  ];
  const content = `${webIdentity === undefined ? "" : terraformProvider(webIdentity)}resource "aws_iam_role" "headgate" {
${attributes.map(([name, value]) => `  ${name.padEnd(20)} = ${value}\n`).join("")}
  assume_role_policy = jsonencode(${terraformTrust(answers)})${webIdentity === undefined ? "" : "\n\n  depends_on = [aws_iam_openid_connect_provider.headgate]"}
}

resource "aws_iam_role_policy" "headgate" {
  name = ${hclText(policyName)}
  role = aws_iam_role.headgate.id

  policy = jsonencode(${hclExpression(permissionPolicy(answers), "  ")})
}

variable "headgate_bucket_policy" {
  description = "Also refuse plain http, other encryption and overwriting, with a policy that takes the place of the bucket's own"
  type        = bool
  default     = false
}

resource "aws_s3_bucket_policy" "headgate" {
  count  = var.headgate_bucket_policy ? 1 : 0
  bucket = ${hclText(answers.bucket)}

  policy = jsonencode(${hclExpression(bucketPolicy(answers), "  ")})
}

output "headgate_role_arn" {
  description = "Enter this as the role ARN"
  value       = aws_iam_role.headgate.arn
}
`;
  return {
    id: "terraform",
    title: "Terraform",
    file: "headgate-role.tf",
    language: "hcl",
    content,
    description: "The same role as resources of the AWS provider, for Terraform and OpenTofu.",
  };
}

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_openid_connect_provider */
function terraformProvider({ issuer, audience, providerArn }: WebIdentityAnswers): string {
  const account = "${data.aws_caller_identity.headgate.account_id}";
  const arn = hclText(providerArn).replace(accountPlaceholder, () => account);
  return `variable "headgate_make_provider" {
  description = "False where the account has the identity provider already"
  type        = bool
  default     = true
}

data "aws_caller_identity" "headgate" {}

locals {
  headgate_provider_arn = ${arn}
}

resource "aws_iam_openid_connect_provider" "headgate" {
  count          = var.headgate_make_provider ? 1 : 0
  url            = ${hclText(issuer)}
  client_id_list = [${hclText(audience)}]
}

`;
}

function terraformTrust(answers: S3Answers): string {
  const trust = hclExpression(trustPolicy(answers), "  ");
  const { webIdentity } = answers;
  return webIdentity === undefined
    ? trust
    : trust.replace(hclText(webIdentity.providerArn), () => "local.headgate_provider_arn");
}

/** https://docs.aws.amazon.com/cli/latest/reference/iam/create-role.html */
export function awsCli(answers: S3Answers): SetupArtifact {
  const { role, webIdentity } = answers;
  const place = placeOf(answers);
  const name = shellOption("role-name", role.name);
  const commands = [
    [
      "aws iam create-role",
      ...place,
      name,
      ...(role.path === "/" ? [] : [shellOption("path", role.path)]),
      shellOption("max-session-duration", String(sessionSeconds)),
      shellOption("assume-role-policy-document", JSON.stringify(trustPolicy(answers))),
    ],
    [
      "aws iam put-role-policy",
      ...place,
      name,
      shellOption("policy-name", policyName),
      shellOption("policy-document", JSON.stringify(permissionPolicy(answers))),
    ],
    ["aws iam get-role", ...place, name, `--query ${shellWord("Role.Arn")} --output text`],
  ];
  return {
    id: "aws-cli",
    title: "AWS CLI",
    file: "headgate-role.sh",
    language: "shell",
    content: `${providerCommands(answers)}${inShellAccount(script(commands), answers)}`,
    description:
      webIdentity === undefined
        ? "Commands that make the role and its permissions, and print its ARN."
        : "Commands that make the identity provider where there is none, the role and its permissions, and print its ARN.",
  };
}

/** The same policy as for the bucket by hand, in a command of its own: it takes the place of what the bucket has. */
export function bucketPolicyCli(answers: S3Answers): SetupArtifact {
  const bucket = shellOption("bucket", answers.bucket);
  const policy = shellOption("policy", JSON.stringify(bucketPolicy(answers)));
  return {
    id: "bucket-policy-cli",
    title: "Policy for the bucket, AWS CLI",
    file: "bucket-policy.sh",
    language: "shell",
    content: script([["aws s3api put-bucket-policy", ...placeOf(answers), bucket, policy]]),
    description: "A command that sets that policy. It takes the place of the policy that the bucket has.",
  };
}

/** IAM is reached through a region of its partition; the usual one needs none. Other servers have their own address. */
function placeOf({ endpoint, partition, region }: S3Answers): readonly string[] {
  if (endpoint !== undefined) return [shellOption("endpoint-url", endpoint)];
  return partition.name === "aws" ? [] : [shellOption("region", region)];
}

function script(commands: readonly (readonly string[])[]): string {
  return `${commands.map((words) => words.join(" \\\n  ")).join(" &&\n")}\n`;
}

/** A provider is one for all streams of an account, so it may be there already. */
function providerCommands(answers: S3Answers): string {
  const { webIdentity } = answers;
  if (webIdentity === undefined) return "";
  const { issuer, audience, providerArn } = webIdentity;
  const place = placeOf(answers);
  const look = [
    "aws iam get-open-id-connect-provider",
    ...place,
    shellOption("open-id-connect-provider-arn", providerArn),
  ];
  const make = [
    "aws iam create-open-id-connect-provider",
    ...place,
    shellOption("url", issuer),
    shellOption("client-id-list", audience),
  ];
  const account = providerArn.includes(accountPlaceholder)
    ? `account="$(aws sts get-caller-identity --query Account --output text)" &&\n`
    : "";
  const words = (command: readonly string[]): string => command.join(" \\\n  ");
  return `${account}{ ${inShellAccount(words(look), answers)} >/dev/null 2>&1 ||\n${words(make)}; } &&\n`;
}

/** Within single quotes the account's id is let in by ending them. */
function inShellAccount(text: string, { webIdentity }: S3Answers): string {
  return webIdentity === undefined ? text : text.replaceAll(accountPlaceholder, `'"$account"'`);
}
