import { compileSchema, type CustomerSetup, isHeadgateError } from "@headgate/core";
import { datadogSink } from "@headgate/sink-datadog";
import { s3Sink } from "@headgate/sink-s3";
import { splunkSink } from "@headgate/sink-splunk";
import { expect, test } from "vitest";
import { untranslated } from "./untranslated.fixture.ts";

const principal = "arn:aws:iam::111122223333:role/headgate";
const key = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const role = "arn:aws:iam::444455556666:role/headgate";
const context = {
  organization: "acme",
  externalId: "hg-acme-4f1c9d20",
  stream: "acme-s3",
  allowInsecureEndpoint: false,
};

const webIdentity = {
  issuer: "https://id.example.com",
  audience: "sts.amazonaws.com",
  subject: (): string => "organization:acme:stream:acme-s3",
  token: (): Promise<never> => Promise.reject(new Error("no token")),
};

type Options = Readonly<Record<string, unknown>>;

const s3Given: readonly Options[] = [
  {},
  { bucket: "acme-audit-logs", region: "eu-west-1", role_arn: role, prefix: "headgate/" },
  { bucket: "acme", region: "eu-west-1", role_arn: role, encryption: { mode: "sse-kms", kms_key_arn: key } },
  { bucket: "acme", region: "cn-north-1", encryption: { mode: "dsse-kms" } },
  { bucket: "acme", region: "us-gov-west-1", encryption: { mode: "sse-s3" } },
  { bucket: "acme", region: "x", endpoint: "https://s3.example.com", role_arn: "arn:aws:iam:::role/headgate" },
];

/** A sink's set-up, whatever its options are. */
const setUpOf = ({ customer }: { readonly customer?: unknown }): CustomerSetup => customer as CustomerSetup;

const destinations: readonly (readonly [name: string, customer: CustomerSetup, given: readonly Options[]])[] = [
  ["S3", setUpOf(s3Sink({ platformPrincipal: principal, customerEndpoints: "any" })), s3Given],
  ["S3 of a platform that is an OIDC issuer", setUpOf(s3Sink({ webIdentity })), s3Given],
  ["S3 of AWS alone, whose platform has not said who it is", setUpOf(s3Sink()), s3Given],
  [
    "Splunk",
    setUpOf(splunkSink()),
    [
      {},
      { url: "https://http-inputs-acme.splunkcloud.com:443", index: "audit", sourcetype: "acme:audit" },
      { url: "https://hec.acme.example:8088", index: "audit", acknowledge: "required" },
    ],
  ],
  ["Datadog", setUpOf(datadogSink()), [{}, { site: "datadoghq.eu" }, { site: "us5.datadoghq.com", stale: "restamp" }]],
];

/** Titles and descriptions at any depth. A member may itself be called `title`. */
function* textsOf(schema: unknown): Iterable<string> {
  if (typeof schema !== "object" || schema === null) return;
  for (const [name, value] of Object.entries(schema)) {
    if ((name === "title" || name === "description") && typeof value === "string") yield value;
    else yield* textsOf(value);
  }
}

test.each(destinations)("%s: each title and description of its schema has a German one", (_, customer) => {
  const texts = [...textsOf(customer.schema)];
  expect(texts.length).toBeGreaterThan(8);
  expect(untranslated([customer.title, ...texts])).toEqual([]);
});

test.each(destinations)("%s: each step and artifact of its guide has a German one", (_, customer, given) => {
  const texts = given.flatMap((options) => {
    const { steps, artifacts } = customer.guide(options, context);
    expect(steps.length).toBeGreaterThan(3);
    return [
      ...steps.flatMap(({ title, text }) => [title, text]),
      ...artifacts.flatMap(({ title, description }) => [title, description]),
    ];
  });
  expect(untranslated(texts)).toEqual([]);
});

/** What somebody may enter and is told off for. */
const wrong: Readonly<Record<string, readonly Options[]>> = {
  S3: [
    {},
    { bucket: "a", region: "EU", role_arn: "x", colour: 1, layout: "x" },
    {
      bucket: "a..b",
      region: "eu-west-1",
      role_arn: role,
      prefix: "/a",
      encryption: { mode: "sse-s3", bucket_key: true },
    },
    { bucket: "acme--x-s3", region: "eu-west-1", role_arn: role, prefix: "_a/", expected_bucket_owner: "12" },
    {
      bucket: "acme",
      region: "eu-west-1",
      role_arn: "arn:aws:iam:::role/x",
      encryption: { mode: "none", kms_key_arn: "x" },
    },
    { bucket: "acme", region: "eu-west-1", role_arn: "arn:aws-cn:iam::444455556666:role/x" },
    { bucket: "acme", region: "eu-west-1", role_arn: role, encryption: { mode: "sse-kms", kms_key_arn: "alias/x" } },
    ...["http://s3.acme.example", "https://10.0.0.1", "https://u@x.example", "https://"].map((endpoint) => ({
      bucket: "acme",
      region: "eu-west-1",
      role_arn: role,
      endpoint,
    })),
  ],
  Splunk: [
    {},
    { url: "x", token: "", index: "A B", acknowledge: "x" },
    ...["http://hec.acme.example", "https://10.0.0.1:8088", "https://x.example/?a", "https://["].map((url) => ({
      url,
      token: "Splunk abc",
      index: "-x",
      source: "\u0001",
    })),
    { url: "https://hec.acme.example:8088", token: "a b" },
    { url: "https://hec.acme.example:8088" },
  ],
  Datadog: [
    {},
    { site: "x", api_key: "", service: "a b" },
    {
      site: "datadoghq.eu",
      api_key: "a b",
      tags: { host: "x", service: "x", stream: "x", restamped: "x", "1": "x", a: "{}", b: "x".repeat(200) },
    },
    { site: "datadoghq.eu" },
  ],
};

test.each(destinations)("%s: each mistake in what somebody enters is told in German", (name, customer) => {
  const given = wrong[name.replace(/ .*/, "")] ?? [];
  const found = given.flatMap((options) => {
    // As the API does it: the schema first, and only what follows it goes further.
    const mistakes = compileSchema(customer.schema)(options);
    if (mistakes) return mistakes.map(({ problem }) => `The options have a mistake: $.options.x ${problem}.`);
    try {
      customer.options(options, context);
      return [];
    } catch (error) {
      if (!isHeadgateError(error)) throw error;
      return [error.message, error.hint ?? ""];
    }
  });
  expect(found.length).toBeGreaterThan(3);
  expect(untranslated(found)).toEqual([]);
});
