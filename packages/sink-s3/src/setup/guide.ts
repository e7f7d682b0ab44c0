import type { CustomerContext, SetupArtifact, SetupGuide } from "@headgate/core";
import type { S3Answers, S3Platform } from "./answers.ts";
import { s3Answers } from "./answers.ts";
import type { Tree } from "./documents.ts";
import { arnPartition } from "./partition.ts";
import { bucketPolicy, keyStatement, permissionPolicy, trustPolicy } from "./policies.ts";
import { awsCli, bucketPolicyCli, cloudFormation, terraform } from "./templates.ts";

type Step = SetupGuide["steps"][number];

/** What to do on the customer's side, filled in as far as it is known. */
export function s3Guide(
  given: Readonly<Record<string, unknown>>,
  context: CustomerContext,
  platform: S3Platform,
): SetupGuide {
  const answers = s3Answers(given, context, platform);
  const aws = answers.endpoint === undefined;
  return {
    steps: [
      bucketStep(answers),
      roleStep(answers),
      ...encryptionSteps(answers),
      ...partitionSteps(answers),
      {
        title: "Enter the role's ARN",
        text: `It looks like ${answers.role.arn}. ${
          aws
            ? "The stack shows it as an output, Terraform and the command line print it."
            : "The last of the commands prints it."
        }`,
      },
      {
        title: "Verify",
        text: `Headgate assumes the role, checks that it is refused ${answers.webIdentity === undefined ? "without your external id" : "with a token of another organization"}, writes a marker of some hundred bytes under the prefix, and looks whether the role allows more than it should.`,
      },
    ],
    artifacts: [
      ...(aws ? [cloudFormation(answers), terraform(answers)] : []),
      awsCli(answers),
      json("trust-policy", "Trust policy", trustPolicy(answers), {
        file: "trust-policy.json",
        description:
          answers.webIdentity === undefined
            ? "Says who may assume the role: the platform, with your external id."
            : "Says who may assume the role: the platform, with a token that names this stream.",
      }),
      json("permission-policy", "Permission policy", permissionPolicy(answers), {
        file: "permission-policy.json",
        description: "Says what the role may do: write objects under the prefix.",
      }),
      ...(answers.kmsKeyArn === undefined
        ? []
        : [
            json("kms-key-statement", "Statement for the key's policy", keyStatement(answers), {
              file: "kms-key-statement.json",
              description:
                "Add it to the key's own policy where the key is in another account, or where its policy does not leave access to IAM.",
            }),
          ]),
      json("bucket-policy", "Policy for the bucket, as you like", bucketPolicy(answers), {
        file: "bucket-policy.json",
        description:
          "Refuses plain http for the bucket and, under the prefix, other encryption than chosen and overwriting. Merge it with the policy that the bucket has.",
      }),
      bucketPolicyCli(answers),
    ],
  };
}

function json(id: string, title: string, tree: Tree, more: Pick<SetupArtifact, "file" | "description">): SetupArtifact {
  return { id, title, language: "json", content: `${JSON.stringify(tree, undefined, 2)}\n`, ...more };
}

function bucketStep({ bucket, region, endpoint }: S3Answers): Step {
  const where = endpoint === undefined ? `in ${region}` : `on ${endpoint}`;
  return {
    title: "Choose a bucket",
    text: `Use ${bucket} ${where}, or make it, with public access blocked. Headgate never reads, lists or deletes: keep versions or a lock on it as you like.`,
  };
}

function roleStep(answers: S3Answers): Step {
  const { principal, principalKnown, role, endpoint } = answers;
  const how =
    endpoint === undefined
      ? "CloudFormation, Terraform or the command line makes it in one go; by hand it is the two policies."
      : "The commands make it, on servers that know roles; by hand it is the two policies.";
  const { webIdentity } = answers;
  const whom =
    webIdentity !== undefined
      ? `It trusts tokens of ${webIdentity.issuer}, an identity provider of your account, whose audience is ${webIdentity.audience} and whose subject is ${webIdentity.subject}. No other stream has that subject. If the account has that provider already, leave it as it is.`
      : principalKnown
        ? `It trusts ${principal}, and only together with your external id, which is made for your organization alone.`
        : `It must trust the platform's own role. This platform has not said which one that is: ask it for the ARN, and put that in place of ${principal} everywhere below.`;
  const account = role.account === undefined ? "your account" : `account ${role.account}`;
  return { title: "Make a role for Headgate", text: `Make the role ${role.name} in ${account}. ${whom} ${how}` };
}

function encryptionSteps({ encryption, kmsKeyArn }: S3Answers): readonly Step[] {
  const title = "Let the role use the key";
  if (kmsKeyArn !== undefined) {
    return [
      {
        title,
        text: "The permission policy holds what the role needs. If the key is in another account, or its policy does not leave access to IAM, add the statement to the key's own policy too, once the role exists.",
      },
    ];
  }
  if (encryption.endsWith("kms")) {
    return [
      {
        title,
        text: "Without a key ARN, S3 uses your account's own key (aws/s3), and nothing needs to be allowed. Enter the ARN of a key of yours to have its permissions added here.",
      },
    ];
  }
  if (encryption === "sse-s3") return [];
  return [
    {
      title: "If the bucket encrypts with a KMS key",
      text: "Then the role needs that key. Choose sse-kms as encryption and enter the key's ARN: its permissions are added here.",
    },
  ];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html: partitions share no identities. */
function partitionSteps({ principal, principalKnown, partition, endpoint, webIdentity }: S3Answers): readonly Step[] {
  const own = arnPartition(principal);
  if (webIdentity !== undefined || !principalKnown || endpoint !== undefined || own === partition.name) return [];
  return [
    {
      title: "Ask the platform first",
      text: `Roles whose ARN begins with arn:${partition.name} cannot trust a principal of arn:${own}. The platform needs an identity in your part of AWS.`,
    },
  ];
}
