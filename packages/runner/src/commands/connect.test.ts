import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createHeadgate } from "@headgate/core";
import { sqliteStore } from "@headgate/store-sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { main } from "../main.ts";
import { builtInSinks, runnerSinks } from "../sinks.ts";
import { capturedTerminal } from "../testing/captured-terminal.ts";
import type { HeadgateResult } from "../testing/headgate-process.ts";
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts";

/** A folder with a configuration, and commands that use it. */
interface Project extends TemporaryFolder {
  connect(...args: string[]): Promise<HeadgateResult>;
  /** Without the configuration. */
  alone(...args: string[]): Promise<HeadgateResult>;
}

function project(): Project {
  const folder = temporaryFolder();
  const file = folder.write("headgate.yaml", "store: { kind: sqlite, path: ./data/headgate.db }\n");
  const run = async (args: readonly string[]): Promise<HeadgateResult> => {
    const terminal = capturedTerminal();
    const code = await main(["connect", ...args], terminal);
    return { code, stdout: terminal.stdout(), stderr: terminal.stderr() };
  };
  return {
    path: folder.path,
    write: folder.write.bind(folder),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
    connect: (...args) => run([...args, "-c", file, "--organization", "acme"]),
    alone: (...args) => run(args),
  };
}

const bucket = ["--option", "bucket=acme-audit-logs", "--option", "region=eu-west-1"];
const role = ["--option", "role_arn=arn:aws:iam::444455556666:role/headgate"];
const json = ({ stdout }: HeadgateResult): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;

describe("headgate connect", () => {
  it("tells the steps, what there is to copy, and what comes next", async () => {
    using folder = project();
    const { code, stdout, stderr } = await folder.connect("s3", ...bucket);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^Amazon S3: what to do on acme's side\n\nExternal id: [\w-]{16,}\n\n 1\. Choose a bucket\n/,
    );
    expect(stdout).toMatch(/cloudformation +CloudFormation:/);
    expect(stdout).toContain("run this again with --option role_arn=…");
  });

  it("makes the external id of an organization once, and keeps it where the API looks for it", async () => {
    using folder = project();
    const ids = await Promise.all([1, 2].map(async () => json(await folder.connect("s3", "--json"))["external_id"]));
    expect(new Set(ids).size).toBe(1);
    const store = sqliteStore({ path: join(folder.path, "data", "headgate.db") });
    await using headgate = createHeadgate({ store, sinks: [] });
    await headgate.open();
    expect(await store.documents.get("external_ids", "acme")).toMatchObject({ value: ids[0], version: 1 });
  });

  it("prints one thing alone, as it is to be pasted", async () => {
    using folder = project();
    const { external_id: externalId } = json(await folder.connect("s3", "--json"));
    const { stdout, stderr } = await folder.connect("s3", "--artifact", "trust-policy");
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      Statement: [{ Condition: { StringEquals: { "sts:ExternalId": externalId } } }],
    });
  });

  it("leaves a placeholder for the external id where nothing would keep it, and says so", async () => {
    using folder = project();
    const { code, stdout, stderr } = await folder.alone("s3", ...bucket, "--artifact", "trust-policy");
    expect(code).toBe(0);
    expect(stdout).toContain('"sts:ExternalId": "<external-id>"');
    expect(stderr).toMatch(/external id is not filled in: name --organization/);
  });

  it("saves everything, overwrites nothing unless it is told to", async () => {
    using folder = project();
    const out = join(folder.path, "for-acme");
    const first = await folder.connect("s3", ...bucket, ...role, "--write", out);
    expect(first.stdout).toContain(
      `headgate streams create -c ${join(folder.path, "headgate.yaml")} --organization acme --sink s3 --options ${join(out, "s3-options.yaml")} --id acme-s3\n`,
    );
    expect(readdirSync(out).toSorted()).toEqual([
      "bucket-policy.json",
      "bucket-policy.sh",
      "headgate-role.sh",
      "headgate-role.tf",
      "headgate-role.yaml",
      "permission-policy.json",
      "s3-options.yaml",
      "trust-policy.json",
    ]);
    const again = await folder.connect("s3", ...bucket, ...role, "--write", out);
    expect(again).toMatchObject({ code: 2, stdout: "" });
    expect(again.stderr).toMatch(/Nothing is saved: .*headgate-role\.yaml.*would be overwritten\. Add --force/);
    expect(await folder.connect("s3", ...bucket, ...role, "--write", out, "--force")).toMatchObject({ code: 0 });
  });

  it("gives options that `streams create` takes", async () => {
    using folder = project();
    const kms = "arn:aws:kms:eu-west-1:444455556666:key/1";
    const encryption = ["--option", "encryption.mode=sse-kms", "--option", `encryption.kms_key_arn=${kms}`];
    await folder.connect("s3", ...bucket, ...role, ...encryption, "--write", folder.path);
    const options = parse(readFileSync(join(folder.path, "s3-options.yaml"), "utf8")) as Record<string, unknown>;
    const { external_id: externalId } = json(await folder.connect("s3", "--json"));
    expect(options).toEqual({
      bucket: "acme-audit-logs",
      region: "eu-west-1",
      credentials: { assume_role: { role_arn: "arn:aws:iam::444455556666:role/headgate", external_id: externalId } },
      encryption: { mode: "sse-kms", kms_key_arn: kms },
    });
    const args = ["streams", "create", "--sink", "s3", "--organization", "acme", "--no-verify", "--json"];
    const terminal = capturedTerminal();
    const place = ["-c", join(folder.path, "headgate.yaml"), "--options", join(folder.path, "s3-options.yaml")];
    expect(await main([...args, ...place], terminal)).toBe(0);
    expect(JSON.parse(terminal.stdout())).toMatchObject({ organization: "acme", sink: "s3" });
  });

  it.each([
    ["splunk", "url=https://hec.acme.example:8088", "SPLUNK_HEC_TOKEN"],
    ["datadog", "site=datadoghq.eu", "DATADOG_API_KEY"],
  ])("writes a stream to %s for the configuration, with its secret in a variable", async (sink, option, variable) => {
    using folder = project();
    const { stdout } = await folder.connect(sink, "--option", option, "--write", folder.path);
    expect(stdout).toMatch(
      new RegExp(`set ${variable}, and run:\\n\\n +headgate validate .*\\n +headgate streams verify`),
    );
    const stream = readFileSync(join(folder.path, `${sink}-stream.yaml`), "utf8");
    const file = folder.write("with-stream.yaml", `store: { kind: sqlite, path: ./data/headgate.db }\n${stream}`);
    const terminal = capturedTerminal();
    process.env[variable] = "0123456789abcdef0123456789abcdef";
    try {
      const code = await main(["validate", "-c", file], terminal);
      expect({ code, stderr: terminal.stderr() }).toEqual({ code: 0, stderr: "" });
    } finally {
      Reflect.deleteProperty(process.env, variable);
    }
  });

  it.each([
    [["kafka"], /"kafka" is nothing that a customer connects \(known: s3, splunk, datadog\)/],
    [[], /What to connect \(s3, splunk, datadog\) is missing/],
    [["s3", "--option", "buckett=x"], /s3 has no option "buckett"\. Did you mean "bucket"\?/],
    [["s3", "--option", "encryption.key=x"], /no option "encryption\.key".*encryption\.kms_key_arn/],
    [["s3", "--option", "bucket"], /takes NAME=VALUE/],
    [["s3", "--option", "bucket=NO"], /The options are wrong: bucket /],
    [["s3", "--option", "force_path_style=maybe"], /force_path_style /],
    [["splunk", "--option", "token=abc-secret"], /^token is a secret: leave it out here/],
    [["s3", "--artifact", "policy"], /There is no "policy" to print \(known: cloudformation, /],
  ])("refuses %j in one sentence", async (args, sentence) => {
    using folder = project();
    const { code, stdout, stderr } = await folder.connect(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toContain("abc-secret");
  });

  it("has help with an example", async () => {
    using folder = project();
    const { code, stdout } = await folder.alone("--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/--option NAME=VALUE.*\n[\s\S]*Examples:\n {2}headgate connect s3 -c headgate\.yaml/);
  });
});

describe("the guides of the runner's sinks", () => {
  it("exist for all that customers connect, and the folder is the operator's alone", () => {
    expect(builtInSinks.filter(({ customer }) => customer === undefined).map(({ type }) => type)).toEqual(["file"]);
  });

  it("hold YAML that says what the policies say, whatever is given", () => {
    const [s3] = runnerSinks({ awsPrincipal: "arn:aws:iam::111122223333:role/headgate" });
    const nasty = fc.constantFrom("'", '"', "\\", "\n- x: y", ": ", " #", "&a", "*a", "!!js", "%{", "\u2028", "\u0085");
    const text = fc.array(fc.oneof(nasty, fc.string()), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""));
    const given = fc.record({ bucket: text, region: text, prefix: text, role_arn: text }, { requiredKeys: [] });
    fc.assert(
      fc.property(given, text, (options, externalId) => {
        const guide = s3?.customer?.guide(options, { organization: "acme", externalId, allowInsecureEndpoint: false });
        const content = (id: string): string => guide?.artifacts.find((artifact) => artifact.id === id)?.content ?? "";
        expect(parse(content("cloudformation"))).toMatchObject({
          Resources: {
            HeadgateRole: {
              Type: "AWS::IAM::Role",
              Properties: {
                AssumeRolePolicyDocument: JSON.parse(content("trust-policy")) as object,
                Policies: [{ PolicyDocument: JSON.parse(content("permission-policy")) as object }],
              },
            },
          },
        });
        expect(content("trust-policy")).toContain(JSON.stringify(externalId));
      }),
    );
  });

  it("has the role trust the tokens of a stream that is to come, where the platform is an issuer", async () => {
    using folder = project();
    const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    folder.write("key.pem", key.export({ type: "pkcs8", format: "pem" }).toString());
    folder.write(
      "headgate.yaml",
      `store: { kind: sqlite, path: ./data/headgate.db }
http: {}
oidc: { issuer: "https://id.example.com", keys: [{ private_key: "\${file:key.pem}" }] }
`,
    );
    const { stdout } = await folder.connect("s3", ...bucket, ...role, "--artifact", "trust-policy");
    expect(JSON.parse(stdout)).toMatchObject({
      Statement: [
        {
          Principal: { Federated: "arn:aws:iam::444455556666:oidc-provider/id.example.com" },
          Condition: { StringEquals: { "id.example.com:sub": "organization:acme:stream:acme-s3" } },
        },
      ],
    });
    const { stream } = json(await folder.connect("s3", ...bucket, ...role, "--json"));
    const { content, commands } = stream as { readonly content: string; readonly commands: readonly string[] };
    expect(parse(content)).toMatchObject({
      credentials: { web_identity: { role_arn: "arn:aws:iam::444455556666:role/headgate" } },
    });
    expect(parse(content)).not.toHaveProperty("access");
    expect(commands[0]).toMatch(/--id acme-s3$/);
    const assume = await folder.connect("s3", ...bucket, ...role, "--option", "access=assume_role", "--json");
    expect(JSON.stringify(json(assume)["stream"])).toContain("external_id");
  });
});
