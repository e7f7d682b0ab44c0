import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createHeadgate, memoryStore, secret } from "@headgate/core";
import type { DeliveryResult } from "@headgate/core";
import type { OidcIssuer, OidcIssuerOptions } from "@headgate/oidc";
import { oidcIssuer } from "@headgate/oidc";
import { auditEvents, chunkOf, deliveryContext, sinkContext } from "@headgate/sink-testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { S3Object, S3SinkOptions } from "@headgate/sink-s3";
import { s3Objects, s3Sink } from "@headgate/sink-s3";
import type { RealS3 } from "../console/s3-server.ts";
import { rgwUp, startRealS3 } from "../console/s3-server.ts";
import type { RgwRole } from "./rgw-role.ts";
import { configureRgw, rgwRole } from "./rgw-role.ts";

const missing = rgwUp === undefined ? "HEADGATE_RGW_UP is not set" : undefined;
const ownPrefix = (): string => `web-identity/${randomBytes(6).toString("hex")}/`;
const stream = { organization: "org:1", stream: "stream-1" };

const rsaKey = (): string =>
  generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const ecKey = (): string =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const privateKey = rsaKey();

describe("web identity on a real S3 and STS server, with our issuer", () => {
  let server: RealS3;
  let served: OidcIssuer;
  let http: Server;

  const issuing = (options: Partial<OidcIssuerOptions> = {}): OidcIssuer =>
    oidcIssuer({
      issuer: server.variable("OIDC_ISSUER"),
      audience: server.variable("OIDC_AUDIENCE"),
      keys: [{ privateKey }],
      allowInsecureIssuer: true,
      ...options,
    });

  beforeAll(async () => {
    if (rgwUp === undefined) return;
    server = await startRealS3(rgwUp);
    served = issuing();
    http = createServer((request, response) => {
      const asked = new Request(new URL(request.url ?? "/", served.issuer), { method: request.method ?? "GET" });
      void served.fetch(asked).then(async (answer) => {
        response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
      });
    });
    const { hostname, port } = new URL(served.issuer);
    await new Promise<void>((resolve) => http.listen(Number(port), hostname, resolve));
  });
  afterAll(async () => {
    http?.close();
    http?.closeAllConnections();
    await server?.[Symbol.asyncDispose]();
  });

  /** A role whose policies are, byte for byte, those that the set-up gives this stream's customer. */
  async function roleOf(owner: typeof stream, prefix: string): Promise<RgwRole> {
    const given = {
      bucket: server.variable("BUCKET"),
      region: "us-east-1",
      prefix,
      role_arn: "arn:aws:iam:::role/headgate",
      endpoint: server.variable("ENDPOINT"),
      access: "web_identity",
    };
    const setup = s3Sink({ webIdentity: served, customerEndpoints: "any" }).customer;
    const context = { ...owner, externalId: "unused", allowInsecureEndpoint: true };
    const artifacts = setup?.guide(given, context).artifacts ?? [];
    const content = (id: string): string => artifacts.find((one) => one.id === id)?.content ?? "";
    return await rgwRole(server, { trust: content("trust-policy"), permissions: content("permission-policy") });
  }

  const objects = (prefix: string): Promise<S3Object[]> =>
    Array.fromAsync(
      s3Objects({
        bucket: server.variable("BUCKET"),
        prefix,
        endpoint: server.variable("ENDPOINT"),
        forcePathStyle: true,
        allowInsecureEndpoint: true,
        credentials: {
          accessKeyId: server.variable("ADMIN_ACCESS_KEY_ID"),
          secretAccessKey: secret(server.variable("ADMIN_SECRET_ACCESS_KEY")),
        },
      }),
    );
  const options = (role: RgwRole, prefix: string, durationSeconds = 900): S3SinkOptions => ({
    bucket: server.variable("BUCKET"),
    prefix,
    endpoint: server.variable("ENDPOINT"),
    forcePathStyle: true,
    credentials: { webIdentity: { roleArn: role.arn, durationSeconds } },
  });

  async function delivered(role: RgwRole, prefix: string, issuer: OidcIssuer, owner = stream): Promise<DeliveryResult> {
    const definition = s3Sink({ allowInsecureEndpoint: true, webIdentity: issuer });
    await using sink = definition.create(options(role, prefix), sinkContext(owner));
    return await sink.deliver(chunkOf(sink, auditEvents(3)), deliveryContext());
  }

  it("lets the stream in with its own token, and nobody else", async (context) => {
    context.skip(missing !== undefined, missing);
    const prefix = ownPrefix();
    await using role = await roleOf(stream, prefix);
    const refused = { status: "blocked", error: { code: "access_denied" } };
    const hour = 3_600_000;
    const wrong: Readonly<Record<string, Promise<DeliveryResult>>> = {
      audience: delivered(role, prefix, issuing({ audience: "sts.elsewhere" })),
      stream: delivered(role, prefix, issuing(), { ...stream, stream: "stream-2" }),
      organization: delivered(role, prefix, issuing(), { ...stream, organization: "org_2" }),
      // What would be one text without encoding.
      colons: delivered(role, prefix, issuing(), { organization: "org", stream: "1:stream:stream-1" }),
      expired: delivered(role, prefix, issuing({ clock: { now: () => Date.now() - hour } })),
      future: delivered(role, prefix, issuing({ clock: { now: () => Date.now() + hour } })),
      key: delivered(role, prefix, issuing({ keys: [{ privateKey: rsaKey() }] })),
    };
    for (const [what, result] of Object.entries(wrong)) expect([what, await result]).toMatchObject([what, refused]);
    expect(await objects(prefix)).toEqual([]);
    expect(await delivered(role, prefix, issuing())).toMatchObject({ status: "delivered" });
    expect(await objects(prefix)).toHaveLength(1);
  });

  it("verifies whole, and finds a role that trusts any token of the issuer", async (context) => {
    context.skip(missing !== undefined, missing);
    const prefix = ownPrefix();
    const verified = async (role: RgwRole): Promise<Readonly<Record<string, string>>> => {
      const definition = s3Sink({ allowInsecureEndpoint: true, webIdentity: served });
      await using sink = definition.create(options(role, prefix), sinkContext(stream));
      const steps = await Array.fromAsync(sink.verify?.({ signal: new AbortController().signal }) ?? []);
      return Object.fromEntries(steps.map(({ name, status }) => [name, status]));
    };
    await using role = await roleOf(stream, prefix);
    expect(await verified(role)).toMatchObject({
      "assume role": "ok",
      "external id": "ok",
      write: "ok",
      "least privilege": "ok",
    });
    const host = served.issuer.replace("http://", "");
    const statement = {
      Effect: "Allow",
      Principal: { Federated: [`arn:aws:iam:::oidc-provider/${host}`] },
      Action: ["sts:AssumeRoleWithWebIdentity"],
      Condition: { StringEquals: { [`${host}:aud`]: served.audience } },
    };
    const permissions = {
      Effect: "Allow",
      Action: ["s3:PutObject"],
      Resource: [`arn:aws:s3:::${server.variable("BUCKET")}/*`],
    };
    const policy = (one: object): string => JSON.stringify({ Version: "2012-10-17", Statement: [one] });
    await using open = await rgwRole(server, { trust: policy(statement), permissions: policy(permissions) });
    expect(await verified(open)).toMatchObject({ "assume role": "ok", "external id": "failed", write: "skipped" });
  });

  it("loses nothing and doubles nothing over sessions of three seconds and a change of keys", async (context) => {
    context.skip(missing !== undefined, missing);
    await configureRgw(server, "rgw_sts_min_session_duration", "1");
    const prefix = ownPrefix();
    const before = served;
    const next = Date.now() + 5000;
    served = issuing({
      keys: [
        { privateKey },
        { privateKey: rsaKey(), signsFrom: new Date(next) },
        { privateKey: ecKey(), signsFrom: new Date(next + 86_400_000) },
      ],
    });
    await using role = await roleOf(stream, prefix);
    const tokens: string[] = [];
    const token: OidcIssuer["token"] = async (owner) => {
      const given = await served.token(owner);
      tokens.push(given.reveal());
      return given;
    };
    await using headgate = createHeadgate({
      store: memoryStore(),
      sinks: [s3Sink({ allowInsecureEndpoint: true, webIdentity: { ...served, token } })],
      alerts: { auditLog: false },
    });
    await headgate.streams.create(stream.organization, {
      id: stream.stream,
      sink: "s3",
      options: options(role, prefix, 3),
      flush: { maxAgeMs: 200 },
    });
    await headgate.start();
    const sent: string[] = [];
    while (Date.now() < next + 5000) {
      const id = `e-${sent.length}`;
      await headgate.append(stream.organization, [{ id, action: "a.b", actor: { type: "user", id: "u" } }]);
      sent.push(id);
      await sleep(100);
    }
    await expect.poll(async () => (await headgate.streams.status(stream.stream)).pending).toBe(0);
    const stored: string[] = [];
    for (const object of await objects(prefix)) {
      const lines = Buffer.from(await object.read())
        .toString()
        .trimEnd()
        .split("\n");
      stored.push(...lines.map((line) => (JSON.parse(line) as { readonly id: string }).id));
    }
    expect(stored.toSorted()).toEqual(sent.toSorted());
    // Shown to have been what it is about: several sessions, on both sides of the change.
    const keys = tokens.map((one) => (JSON.parse(atob(one.split(".")[0] ?? "")) as { readonly kid: string }).kid);
    expect(keys.length).toBeGreaterThan(3);
    expect(new Set(keys).size).toBe(2);
    served = before;
  });
});
