import type { PutObjectCommandOutput } from "@aws-sdk/client-s3";
import type { AwsError } from "../aws-error.ts";
import type { FaultRule } from "../fault-rule.ts";

/** What is wrong where a write is denied that names the owner it expects: the owner, something else, or nobody can say. */
export type OwnerDiagnosis = "wrong" | "not_it" | "unclear";

/** What became of the marker. */
export type Written =
  | { readonly is: "written"; readonly key: string; readonly reply: PutObjectCommandOutput }
  | {
      readonly is: "refused";
      readonly error: AwsError;
      readonly rule: FaultRule;
      /** Undefined where the stream names no owner, or the refusal was of another kind. */
      readonly owner: OwnerDiagnosis | undefined;
    };
