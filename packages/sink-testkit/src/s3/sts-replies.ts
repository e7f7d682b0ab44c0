import { S3Refusal, xmlText } from "./refusal.ts";

/**
 * Bad trust, a wrong external id and a missing role answer alike:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html
 */
export function roleDenied(caller: string, roleArn: string): S3Refusal {
  return new S3Refusal(
    403,
    "AccessDenied",
    `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
  );
}

/** The reply to AssumeRole or AssumeRoleWithWebIdentity: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export function assumedRole(
  roleArn: string,
  sessionName: string,
  credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
    readonly expiration?: Date;
  },
  action = "AssumeRole",
): string {
  const { accessKeyId, secretAccessKey, sessionToken, expiration = new Date(Date.now() + 3_600_000) } = credentials;
  const user = xmlText(sessionArn(roleArn, sessionName));
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><AssumedRoleUser><AssumedRoleId>AROA123EXAMPLE:${xmlText(sessionName)}</AssumedRoleId><Arn>${user}</Arn></AssumedRoleUser><Credentials><AccessKeyId>${xmlText(accessKeyId)}</AccessKeyId><SecretAccessKey>${xmlText(secretAccessKey)}</SecretAccessKey><SessionToken>${xmlText(sessionToken)}</SessionToken><Expiration>${expiration.toISOString()}</Expiration></Credentials></${action}Result><ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata></${action}Response>`;
}

/** The ARN of a role's session. */
export function sessionArn(roleArn: string, sessionName: string): string {
  return `${roleArn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/${sessionName}`;
}
