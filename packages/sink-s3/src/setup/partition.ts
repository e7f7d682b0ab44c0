/** A part of AWS with accounts, ARNs and host names of its own. */
export interface Partition {
  /** The second part of an ARN. */
  readonly name: string;
  /** What service names end in. */
  readonly domain: string;
}

const usual: Partition = { name: "aws", domain: "amazonaws.com" };

/** By the beginning of a region's name: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const partitions: readonly (readonly [string, Partition])[] = [
  ["cn-", { name: "aws-cn", domain: "amazonaws.com.cn" }],
  ["us-gov-", { name: "aws-us-gov", domain: "amazonaws.com" }],
  ["eusc-", { name: "aws-eusc", domain: "amazonaws.eu" }],
  ["us-isob-", { name: "aws-iso-b", domain: "sc2s.sgov.gov" }],
  ["us-iso-", { name: "aws-iso", domain: "c2s.ic.gov" }],
];

/** The partition of a region. */
export function partitionOf(region: string): Partition {
  const found = partitions.find(([start]) => region.startsWith(start));
  return found?.[1] ?? usual;
}

/** The partition of a role, whose ARN is surer than the region beside it. */
export function partitionOfArn(arn: string): Partition {
  const name = arnPartition(arn);
  const found = partitions.find(([, partition]) => partition.name === name);
  return found?.[1] ?? { name, domain: usual.domain };
}

/** The partition that an ARN names: `aws`, `aws-cn`, `aws-us-gov` … */
export function arnPartition(arn: string): string {
  return arn.split(":", 2)[1] ?? "";
}
