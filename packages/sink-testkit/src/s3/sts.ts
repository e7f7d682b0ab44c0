import { randomBytes } from "node:crypto";
import type { Answer, Received, S3Role, S3State } from "./model.ts";
import { callerArn, parsePolicy } from "./permissions.ts";
import { S3Refusal } from "./refusal.ts";
import { authenticate } from "./signature.ts";
import { assumedRole, roleDenied, sessionArn } from "./sts-replies.ts";

type Form = Readonly<Record<string, string>>;

/** AssumeRole and AssumeRoleWithWebIdentity: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export function answerSts(state: S3State, request: Received, form: Form): Answer {
  const action = form["Action"];
  if (form["Version"] !== "2011-06-15") throw new S3Refusal(400, "InvalidAction", "Could not find the operation.");
  if (action === "AssumeRole") {
    const caller = authenticate(state, request, "sts");
    const role = state.roles.find(({ arn }) => arn === form["RoleArn"]);
    const trusted = role?.trust.includes(callerArn(caller)) === true;
    if (role === undefined || !trusted || (role.externalId !== undefined && role.externalId !== form["ExternalId"])) {
      throw roleDenied(callerArn(caller), form["RoleArn"] ?? "");
    }
    return giveSession(state, role, form, "AssumeRole");
  }
  if (action === "AssumeRoleWithWebIdentity") {
    const token = form["WebIdentityToken"] ?? "";
    if (!state.webIdentityTokens.has(token)) {
      throw new S3Refusal(
        400,
        "InvalidIdentityToken",
        "The web identity token that was passed could not be validated.",
      );
    }
    const role = state.roles.find(({ arn, trust }) => arn === form["RoleArn"] && trust.includes("web"));
    if (role === undefined || (role.webToken ?? token) !== token) {
      throw new S3Refusal(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
    }
    return giveSession(state, role, form, "AssumeRoleWithWebIdentity");
  }
  throw new S3Refusal(400, "InvalidAction", "Could not find the operation.");
}

const invalid = (message: string): S3Refusal => new S3Refusal(400, "ValidationError", message);

function giveSession(state: S3State, role: S3Role, form: Form, action: string): Answer {
  const name = form["RoleSessionName"] ?? "";
  if (!/^[\w+=,.@-]{2,64}$/.test(name)) throw invalid("roleSessionName failed to satisfy the constraint");
  if (form["ExternalId"] !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(form["ExternalId"])) {
    throw invalid("externalId failed to satisfy the constraint");
  }
  const seconds = Number(form["DurationSeconds"] ?? 3600);
  if (!(seconds >= state.minSessionSeconds)) throw invalid("durationSeconds is too small");
  if (seconds > (role.maxSessionSeconds ?? 3600)) {
    throw invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  const policy = form["Policy"] === undefined ? undefined : parsePolicy(form["Policy"], state.region);
  const session = {
    accessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64"),
    token: randomBytes(60).toString("base64"),
    arn: sessionArn(role.arn, name),
    role,
    policy,
    expiresAt: state.now() + seconds * 1000,
  };
  state.sessions.set(session.accessKeyId, session);
  return {
    status: 200,
    headers: { "content-type": "text/xml" },
    body: assumedRole(
      role.arn,
      name,
      { ...session, sessionToken: session.token, expiration: new Date(session.expiresAt) },
      action,
    ),
  };
}
