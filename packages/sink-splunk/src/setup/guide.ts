import type { SetupArtifact, SetupGuide } from "@headgate/core";

/** What a guide is written for; every value has the form that its place needs, or is a placeholder in angle brackets. */
interface Answers {
  readonly url: URL | undefined;
  readonly index: string;
  readonly sourcetype: string;
  readonly acknowledge: boolean;
  /** Splunk's own cloud has no management port for everybody, and takes props through its settings pages. */
  readonly cloud: boolean;
}

/** What to do in Splunk, filled in as far as it is known. */
export function splunkGuide(given: Readonly<Record<string, unknown>>): SetupGuide {
  const answers = answersOf(given);
  return {
    steps: [
      {
        title: "Make an index",
        text: `Settings → Indexes → New Index: ${answers.index}, of type Events. An index of its own keeps retention and access rights apart.`,
      },
      {
        title: "Make a source type",
        text: answers.cloud
          ? `Settings → Source types → New Source Type: ${answers.sourcetype}. Under Advanced add TRUNCATE with the value 0: Splunk cuts events at 10,000 bytes otherwise.`
          : `Put the stanza for ${answers.sourcetype} into props.conf on indexers and heavy forwarders: Splunk cuts events at 10,000 bytes otherwise.`,
      },
      {
        title: "Switch the collector on",
        text: "Settings → Data inputs → HTTP Event Collector → Global Settings: All Tokens Enabled, with SSL.",
      },
      {
        title: "Make a token",
        text: `New Token, for this stream alone, so that it can be withdrawn alone. Source type ${answers.sourcetype}, allowed and default index ${answers.index}. ${acknowledgement(answers)}`,
      },
      {
        title: "Enter URL and token",
        text: `${urlText(answers)} The certificate must be one that a public authority has signed.`,
      },
      {
        title: "Verify",
        text: "Headgate checks address and certificate, the collector's health, token, acknowledgement and index, with one small event of its own: headgate.verification.",
      },
    ],
    artifacts: [
      ...(answers.cloud ? [] : [createToken(answers)]),
      sourceType(answers),
      testEvent(answers),
      searches(answers),
    ],
  };
}

function answersOf(given: Readonly<Record<string, unknown>>): Answers {
  const text = given["url"];
  const parsed = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
  // Only what a host name or an address is made of; the rest of the URL is not used.
  const url =
    parsed !== undefined && /^https?:$/.test(parsed.protocol) && /^[\w.:[\]-]+$/.test(parsed.hostname)
      ? parsed
      : undefined;
  return {
    url,
    index: fit(given["index"], /^[a-z0-9_][a-z0-9_-]{0,79}$/) ?? "<your-index>",
    sourcetype: fit(given["sourcetype"] ?? "headgate:audit", /^[\w:.-]{1,100}$/) ?? "<your-source-type>",
    acknowledge: given["acknowledge"] === "required",
    cloud: url?.hostname.endsWith(".splunkcloud.com") === true,
  };
}

function fit(value: unknown, form: RegExp): string | undefined {
  return typeof value === "string" && form.test(value) ? value : undefined;
}

function acknowledgement({ acknowledge, cloud }: Answers): string {
  if (acknowledge) return "Enable indexer acknowledgment: without it this stream would send nothing.";
  return cloud
    ? "Leave indexer acknowledgment off unless Splunk offers it for your stack."
    : "Enable indexer acknowledgment where you want proof that events were indexed, not merely received.";
}

function urlText({ url }: Answers): string {
  if (url !== undefined) return `The URL is ${url.origin}; what follows the port is filled in by Headgate.`;
  return "The URL is https://http-inputs-<stack>.splunkcloud.com:443 in Splunk Cloud on AWS, and https://<host>:8088 of your own Splunk.";
}

/** https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/use-curl-to-manage-http-event-collector-tokens-events-and-services */
function createToken({ url, index, sourcetype, acknowledge }: Answers): SetupArtifact {
  const fields = [
    ["name", "headgate"],
    ["index", index],
    ["indexes", index],
    ["sourcetype", sourcetype],
    ["useACK", acknowledge ? "1" : "0"],
    ["output_mode", "json"],
  ];
  const lines = [
    "curl --fail --user 'admin'",
    ...fields.map(([name = "", value = ""]) => `--data-urlencode ${shellWord(`${name}=${value}`)}`),
    shellWord(`https://${url?.hostname ?? "<your-splunk>"}:8089/servicesNS/admin/splunk_httpinput/data/inputs/http`),
  ];
  return {
    id: "create-token",
    title: "Token by command line",
    file: "create-token.sh",
    language: "shell",
    content: `${lines.join(" \\\n  ")}\n`,
    description:
      "Makes the token through the management port of your own Splunk, and prints it. curl asks for the password.",
  };
}

/** https://docs.splunk.com/Documentation/Splunk/latest/Admin/Propsconf */
function sourceType({ sourcetype }: Answers): SetupArtifact {
  const settings = [
    "KV_MODE = json",
    "TRUNCATE = 0",
    "SHOULD_LINEMERGE = false",
    String.raw`LINE_BREAKER = ([\r\n]+)`,
    "category = Application",
  ];
  return {
    id: "source-type",
    title: "Source type",
    file: "props.conf",
    language: "text",
    content: `[${sourcetype}]\n${settings.join("\n")}\n`,
    description: "Settings of the source type: JSON, one event a line, none cut. The time of an event comes with it.",
  };
}

/** https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/format-events-for-http-event-collector */
function testEvent({ url, index, sourcetype }: Answers): SetupArtifact {
  const event = { index, sourcetype, event: { action: "headgate.setup_test" } };
  const lines = [
    "curl --fail",
    `--header "Authorization: Splunk $HEC_TOKEN"`,
    `--data ${shellWord(JSON.stringify(event))}`,
    shellWord(`${url?.origin ?? "https://<your-collector>"}/services/collector/event`),
  ];
  return {
    id: "test-event",
    title: "Test event",
    file: "test-event.sh",
    language: "shell",
    content: `${lines.join(" \\\n  ")}\n`,
    description:
      "Sends one event by hand, with the token in the environment variable HEC_TOKEN. Success is the answer's code 0.",
  };
}

function searches({ index, sourcetype }: Answers): SetupArtifact {
  const base = `index="${index}" sourcetype="${sourcetype}"`;
  return {
    id: "searches",
    title: "Searches",
    file: "searches.txt",
    language: "text",
    content: `${base} | dedup id\n| tstats count where ${base} by action\n`,
    description: "To begin with. dedup id drops what is there twice after a crash.",
  };
}

/** One word of a POSIX shell, whatever it holds. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
