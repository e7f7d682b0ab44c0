import type { SetupArtifact, SetupGuide } from "@headgate/core";
import { apiOf, isDatadogSite } from "../sites.ts";

/** Where people use a site: https://docs.datadoghq.com/getting_started/site/ */
const appOf = (site: string): string =>
  /^(datadoghq\.(com|eu)|ddog-gov\.com)$/.test(site) ? `https://app.${site}` : `https://${site}`;

const sitePlaceholder = "<your-site>";

/** What to do in Datadog, filled in as far as it is known. */
export function datadogGuide(given: Readonly<Record<string, unknown>>): SetupGuide {
  const { site: text } = given;
  const site = typeof text === "string" && isDatadogSite(text) ? text : undefined;
  const keys = site === undefined ? "" : ` (${appOf(site)}/organization-settings/api-keys)`;
  const restamp = given["stale"] === "restamp";
  return {
    steps: [
      {
        title: "Make an API key",
        text: `Organization Settings → API Keys → New Key${keys}, for this stream alone, so that it can be withdrawn alone. An API key has no permissions to choose and can only send; no application key is needed.`,
      },
      {
        title: "Choose how long the logs are kept",
        text: "Logs → Configuration → Indexes: give source:headgate an index of its own with the retention that your auditors ask for. Put it before indexes with a broader filter, without exclusion filters, and mind its daily quota: what exceeds it is not indexed.",
      },
      {
        title: "Add the pipeline",
        text: "Logs → Pipelines → New Pipeline, filter source:headgate, with the processors below: actor, address, action and outcome under Datadog's own names.",
      },
      {
        title: "Enter site and key",
        text: restamp
          ? "Events that wait for more than 18 hours, Datadog's limit, are sent with the present time; their own stays in audit.occurred_at."
          : "Datadog drops events older than 18 hours without a word, so Headgate sets those apart in quarantine instead: an outage should be mended within that time.",
      },
      {
        title: "Verify",
        text: "Headgate asks the site about the key, and sends one small log of its own: headgate.verification.",
      },
    ],
    artifacts: [pipeline(), createPipeline(site), checkKey(site), searches()],
  };
}

/** https://docs.datadoghq.com/logs/log_configuration/attributes_naming_convention/ */
const attributes = [
  ["Actor", "audit.actor.id", "usr.id"],
  ["Name of the actor", "audit.actor.name", "usr.name"],
  ["Address", "audit.context.ip", "network.client.ip"],
  ["Action", "audit.action", "evt.name"],
  ["Outcome", "audit.outcome", "evt.outcome"],
] as const;

/** https://docs.datadoghq.com/api/latest/logs-pipelines/#create-a-pipeline */
const pipelineBody = {
  name: "Headgate audit log",
  is_enabled: true,
  filter: { query: "source:headgate" },
  processors: [
    ...attributes.map(([name, from, to]) => ({
      type: "attribute-remapper",
      name,
      is_enabled: true,
      sources: [from],
      source_type: "attribute",
      target: to,
      target_type: "attribute",
      preserve_source: true,
      override_on_conflict: false,
    })),
    {
      type: "geo-ip-parser",
      name: "Place of the address",
      is_enabled: true,
      sources: ["network.client.ip"],
      target: "network.client.geoip",
    },
  ],
};

function pipeline(): SetupArtifact {
  return {
    id: "pipeline",
    title: "Pipeline",
    file: "pipeline.json",
    language: "json",
    content: `${JSON.stringify(pipelineBody, undefined, 2)}\n`,
    description: "The pipeline as Datadog's API takes it; the original attributes stay.",
  };
}

function createPipeline(site = sitePlaceholder): SetupArtifact {
  const lines = [
    "curl --fail",
    '--header "DD-API-KEY: $DD_API_KEY"',
    '--header "DD-APPLICATION-KEY: $DD_APP_KEY"',
    "--header 'Content-Type: application/json'",
    "--data @pipeline.json",
    `'${apiOf(site)}/api/v1/logs/config/pipelines'`,
  ];
  return {
    id: "create-pipeline",
    title: "Pipeline by command line",
    file: "create-pipeline.sh",
    language: "shell",
    content: `${lines.join(" \\\n  ")}\n`,
    description:
      "Makes the pipeline from pipeline.json. This alone needs an application key, with logs_write_pipelines; Headgate never gets it.",
  };
}

/** https://docs.datadoghq.com/api/latest/authentication/#validate-api-key */
function checkKey(site = sitePlaceholder): SetupArtifact {
  return {
    id: "check-key",
    title: "Check the key",
    file: "check-key.sh",
    language: "shell",
    content: `curl --fail \\\n  --header "DD-API-KEY: $DD_API_KEY" \\\n  '${apiOf(site)}/api/v1/validate'\n`,
    description: "Asks whether the key in the environment variable DD_API_KEY is valid on the site.",
  };
}

function searches(): SetupArtifact {
  return {
    id: "searches",
    title: "Searches",
    file: "searches.txt",
    language: "text",
    content: "source:headgate\nsource:headgate @audit.outcome:denied\nsource:headgate @audit.actor.id:*\n",
    description:
      "To begin with, in the Log Explorer. Make facets of @audit.action, @audit.actor.id, @audit.outcome and @audit.id.",
  };
}
