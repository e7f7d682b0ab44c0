import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Received, S3Session, S3State, S3User } from "./model.ts";
import { S3Refusal } from "./refusal.ts";

/** Who signed a request. */
export type Caller = { readonly user: S3User } | { readonly session: S3Session };

/** Requests signed more than 15 minutes off the server's clock are refused: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const maxSkewMs = 15 * 60_000;

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const hex256 = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const shape =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** `20250716T095230Z` as Unix ms, or NaN. */
function parseAmzDate(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

/**
 * Verifies a Signature Version 4 in the Authorization header and says who made it:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function authenticate(state: S3State, request: Received, service: "s3" | "sts"): Caller {
  const header = request.headers["authorization"];
  if (header === undefined) throw new S3Refusal(403, "AccessDenied", "Anonymous requests are not allowed.");
  const match = shape.exec(header);
  if (match === null) {
    throw new S3Refusal(
      400,
      "AuthorizationHeaderMalformed",
      "The authorization header that you provided is not valid.",
    );
  }
  const [, accessKeyId = "", day = "", region = "", scopeService = "", signedHeaders = "", signature = ""] = match;
  const caller = findCaller(state, accessKeyId, request.headers["x-amz-security-token"], service);
  const secret = "user" in caller ? caller.user.secretAccessKey : caller.session.secretAccessKey;

  const date = request.headers["x-amz-date"] ?? "";
  const signedAt = parseAmzDate(date);
  if (Number.isNaN(signedAt) || date.slice(0, 8) !== day) {
    throw new S3Refusal(403, "AccessDenied", "AWS authentication requires a valid x-amz-date header.");
  }
  if (scopeService !== service || region !== state.region) {
    throw new S3Refusal(
      400,
      "AuthorizationHeaderMalformed",
      `The region '${region}' is wrong; expecting '${state.region}'`,
      {
        elements: { Region: state.region },
      },
    );
  }

  const names = signedHeaders.split(";");
  const unsigned = Object.keys(request.headers).filter((name) => name.startsWith("x-amz-") && !names.includes(name));
  if (!names.includes("host") || unsigned.length > 0) {
    throw new S3Refusal(403, "AccessDenied", "There were headers present in the request which were not signed");
  }
  const payload = request.headers["x-amz-content-sha256"] ?? hex256(request.body);
  const canonical = [
    request.method,
    request.path,
    request.rawQuery
      .split("&")
      .filter((pair) => pair !== "")
      .map((pair) => (pair.includes("=") ? pair : `${pair}=`))
      .toSorted()
      .join("&"),
    ...names.map((name) => `${name}:${(request.headers[name] ?? "").trim().replaceAll(/ +/g, " ")}`),
    "",
    signedHeaders,
    payload,
  ].join("\n");
  const scope = `${day}/${region}/${scopeService}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", date, scope, hex256(canonical)].join("\n");
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), "aws4_request");
  if (!timingSafeEqual(hmac(key, toSign), Buffer.from(signature, "hex"))) {
    throw new S3Refusal(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided.",
    );
  }
  if (Math.abs(signedAt - state.now()) > maxSkewMs) {
    throw service === "s3"
      ? new S3Refusal(
          403,
          "RequestTimeTooSkewed",
          "The difference between the request time and the current time is too large.",
        )
      : new S3Refusal(403, "SignatureDoesNotMatch", "Signature expired.");
  }
  if ("session" in caller && state.now() >= caller.session.expiresAt) {
    // S3 says 400, STS 403: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and STS's CommonErrors.
    throw new S3Refusal(service === "s3" ? 400 : 403, "ExpiredToken", "The provided token has expired.");
  }
  return caller;
}

function findCaller(state: S3State, accessKeyId: string, token: string | undefined, service: "s3" | "sts"): Caller {
  const session = state.sessions.get(accessKeyId);
  if (session !== undefined && token !== undefined) {
    if (session.token === token) return { session };
    throw new S3Refusal(400, "InvalidToken", "The provided token is malformed or otherwise not valid.");
  }
  const user = state.users.find((candidate) => candidate.accessKeyId === accessKeyId);
  if (user !== undefined) return { user };
  throw service === "s3"
    ? new S3Refusal(403, "InvalidAccessKeyId", "The access key ID that you provided does not exist in our records.")
    : new S3Refusal(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
}
