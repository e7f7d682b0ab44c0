import type { SetupArtifact } from "@headgate/core";
import type { S3Answers } from "./answers.ts";
import type { Tree } from "./documents.ts";
import { hclExpression, yamlBlock } from "./documents.ts";
import { permissionPolicy, trustPolicy } from "./policies.ts";
import { hclText, shellOption, shellWord } from "./quote.ts";

const policyName = "headgate-write";
/** Sessions last an hour. */
const sessionSeconds = 3600;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
export function cloudFormation(answers: S3Answers): SetupArtifact {
  const { role } = answers;
  const template: Tree = {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "Role that lets Headgate write the audit log into a bucket, and do nothing else.",
    Resources: {
      HeadgateRole: {
        Type: "AWS::IAM::Role",
        Properties: {
          RoleName: role.name,
          ...(role.path === "/" ? {} : { Path: role.path }),
          Description: "Lets Headgate write the audit log",
          MaxSessionDuration: sessionSeconds,
          AssumeRolePolicyDocument: trustPolicy(answers),
          Policies: [{ PolicyName: policyName, PolicyDocument: permissionPolicy(answers) }],
        },
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

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role */
export function terraform(answers: S3Answers): SetupArtifact {
  const { role } = answers;
  const attributes: readonly (readonly [string, string])[] = [
    ["name", hclText(role.name)],
    ...(role.path === "/" ? [] : [["path", hclText(role.path)] as const]),
    ["description", hclText("Lets Headgate write the audit log")],
    ["max_session_duration", String(sessionSeconds)],
  ];
  const content = `resource "aws_iam_role" "headgate" {
${attributes.map(([name, value]) => `  ${name.padEnd(20)} = ${value}\n`).join("")}
  assume_role_policy = jsonencode(${hclExpression(trustPolicy(answers), "  ")})
}

resource "aws_iam_role_policy" "headgate" {
  name = ${hclText(policyName)}
  role = aws_iam_role.headgate.id

  policy = jsonencode(${hclExpression(permissionPolicy(answers), "  ")})
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

/** https://docs.aws.amazon.com/cli/latest/reference/iam/create-role.html */
export function awsCli(answers: S3Answers): SetupArtifact {
  const { role, endpoint, partition, region } = answers;
  // IAM is reached through a region of its partition; the usual one needs none. Other servers have their own address.
  const place =
    endpoint !== undefined
      ? [shellOption("endpoint-url", endpoint)]
      : partition.name === "aws"
        ? []
        : [shellOption("region", region)];
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
    content: `${commands.map((words) => words.join(" \\\n  ")).join(" &&\n")}\n`,
    description: "Commands that make the role and its permissions, and print its ARN.",
  };
}
