import { execFileSync } from "node:child_process";
import type { CustomerContext, CustomerSetup, SetupGuide } from "@headgate/core";
import { aesVault, createHeadgate, memoryStore, Secret, secret } from "@headgate/core";
import { sinkContext } from "@headgate/sink-testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SplunkSinkOptions } from "../options.ts";
import { splunkSink } from "../splunk-sink.ts";

const context: CustomerContext = { organization: "org_1", externalId: "hg-7f3e9a51", allowInsecureEndpoint: false };
const url = "https://hec.acme.example:8088";
const token = "b1946ac9-2ef5-4f1c-9a51-3d0c5f1b2a77";

function customer(): CustomerSetup<SplunkSinkOptions> {
  const setup = splunkSink().customer;
  if (setup === undefined) throw new Error("no set-up");
  return setup;
}

const options = (given: Readonly<Record<string, unknown>>, previous?: SplunkSinkOptions): SplunkSinkOptions =>
  customer().options(given, context, previous);

/** The words of the one command of a script. */
function wordsOf(script: string): readonly string[] {
  const recorder = String.raw`PATH=/nowhere; HEC_TOKEN=of-the-environment; curl() { printf '%s\0' "$@"; }`;
  const printed = execFileSync("bash", ["-c", `${recorder}\n${script}`], { encoding: "utf8" });
  return printed.split("\0").slice(0, -1);
}

function artifact(guide: SetupGuide, id: string): string {
  const found = guide.artifacts.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found.content;
}

describe("what a customer gives for Splunk", () => {
  it("becomes options with the token wrapped, and comes back without it", () => {
    const given = { url, index: "audit", source: "acme", sourcetype: "acme:audit", acknowledge: "required" };
    const made = options({ ...given, token });
    expect(made).toEqual({ ...given, token: expect.any(Secret) as Secret });
    expect(made.token.reveal()).toBe(token);
    expect(customer().given(made)).toEqual(given);
    expect(splunkSink().create(made, sinkContext()).name).toBe("splunk");
  });

  it.each([
    [{ url: "http://hec.acme.example:8088", token }, /plain http/],
    [{ url: "https://10.0.0.7:8088", token }, /private or loopback address/],
    [{ url, token: "Splunk abc" }, /without the word/],
    [{ url }, /token is missing/],
  ])("is refused as %j", (given, problem) => {
    expect(() => options(given)).toThrow(problem);
  });

  it("may name a private address where the operator allows it", () => {
    const allowed = customer().options(
      { url: "http://127.0.0.1:8088", token },
      { ...context, allowInsecureEndpoint: true },
    );
    expect(allowed.allowInsecureEndpoint).toBe(true);
  });

  it("keeps a token that is not given again, with what the operator has set, for the same collector alone", () => {
    const previous: SplunkSinkOptions = {
      url: [url, "https://hec-2.acme.example:8088"],
      token: secret(token),
      maxBytes: 5_000_000,
      index: "old",
    };
    const edited = options({ url: `${url}/services/collector`, index: "audit" }, previous);
    expect(edited).toMatchObject({ url: previous.url, maxBytes: 5_000_000, index: "audit" });
    expect(edited.token.reveal()).toBe(token);
    expect(() => options({ url: "https://elsewhere.example:8088" }, previous)).toThrow(/token must be given again/);
    expect(() => options({ url: "https://hec.acme.example:8089" }, previous)).toThrow(/token must be given again/);
    const moved = options({ url: "https://elsewhere.example:8088", token: "another" }, previous);
    expect(moved).toEqual({ url: "https://elsewhere.example:8088", token: expect.any(Secret) as Secret });
  });

  it("is stored sealed, and opens to a sink", async () => {
    const store = memoryStore();
    const vault = aesVault({ keys: { a: new Uint8Array(32) } });
    await using headgate = createHeadgate({ store, sinks: [splunkSink()], vault });
    const { id } = await headgate.streams.create("org_1", { sink: "splunk", options: options({ url, token }) });
    expect(JSON.stringify(await headgate.streams.get(id))).not.toContain(token);
    expect(((await headgate.streams.options(id)) as SplunkSinkOptions).token.reveal()).toBe(token);
  });

  it("has patterns that browsers read too, and a title for every field", () => {
    const { properties } = customer().schema as { properties: Readonly<Record<string, { pattern?: string }>> };
    for (const { pattern, ...field } of Object.values(properties)) {
      expect(field).toMatchObject({ title: expect.any(String) as string, description: expect.any(String) as string });
      if (pattern !== undefined) expect([new RegExp(pattern, "u"), new RegExp(pattern, "v")]).toHaveLength(2);
    }
    expect(properties["token"]).toMatchObject({ writeOnly: true });
  });
});

describe("the guide for Splunk", () => {
  it("is filled in with what was given, and never with the token", () => {
    const guide = customer().guide({ url, token, index: "audit", acknowledge: "required" }, context);
    expect(JSON.stringify(guide)).not.toContain(token);
    expect(wordsOf(artifact(guide, "create-token"))).toEqual(
      expect.arrayContaining([
        "index=audit",
        "sourcetype=headgate:audit",
        "useACK=1",
        "https://hec.acme.example:8089/servicesNS/admin/splunk_httpinput/data/inputs/http",
      ]),
    );
    expect(wordsOf(artifact(guide, "test-event"))).toEqual(
      expect.arrayContaining([
        "Authorization: Splunk of-the-environment",
        "https://hec.acme.example:8088/services/collector/event",
      ]),
    );
    expect(artifact(guide, "source-type")).toMatch(/^\[headgate:audit\]\nKV_MODE = json\nTRUNCATE = 0\n/);
  });

  it("goes through Splunk's own pages in its cloud", () => {
    const guide = customer().guide({ url: "https://http-inputs-acme.splunkcloud.com:443" }, context);
    expect(guide.artifacts.map(({ id }) => id)).not.toContain("create-token");
    expect(JSON.stringify(guide.steps)).toContain("Under Advanced add TRUNCATE");
  });

  it("lets nothing that is given get out of its place", () => {
    const nasty = fc.constantFrom("'", '"', "\\", "$(touch x)", "`id`", "\n", "]\n[default]", "; curl evil");
    const value = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(nasty, fc.string()), { maxLength: 4 }).map((all) => all.join("")),
      fc.nat(),
    );
    const near = (right: string): fc.Arbitrary<unknown> =>
      fc.oneof(
        value,
        fc.constant(right),
        fc.tuple(fc.constant(right), nasty).map(([a, b]) => a + b),
      );
    const given = fc.record(
      { url: near(url), index: near("audit"), sourcetype: near("acme:audit") },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(given, (answers) => {
        const guide = customer().guide(answers, context);
        expect(artifact(guide, "source-type")).toMatch(/^\[[\w:.<>-]+\]\nKV_MODE/);
        const words = wordsOf(artifact(guide, "test-event"));
        expect(words).toHaveLength(6);
        expect(JSON.parse(words[4] ?? "")).toMatchObject({ event: { action: "headgate.setup_test" } });
        if (guide.artifacts.some(({ id }) => id === "create-token")) {
          expect(wordsOf(artifact(guide, "create-token"))).toHaveLength(16);
        }
      }),
      { numRuns: 60 },
    );
  });
});
