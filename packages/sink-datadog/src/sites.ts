/**
 * Datadog's sites, by what stands after `app.` in the address bar of a browser:
 * https://docs.datadoghq.com/getting_started/site/
 */
export const datadogSites = [
  "datadoghq.com",
  "us3.datadoghq.com",
  "us5.datadoghq.com",
  "datadoghq.eu",
  "ap1.datadoghq.com",
  "ap2.datadoghq.com",
  "uk1.datadoghq.com",
  "ddog-gov.com",
  "us2.ddog-gov.com",
] as const;

/** Names that people use in place of the site's own. */
const nicknames: Readonly<Record<string, string>> = {
  us: "datadoghq.com",
  us1: "datadoghq.com",
  us3: "us3.datadoghq.com",
  us5: "us5.datadoghq.com",
  eu: "datadoghq.eu",
  eu1: "datadoghq.eu",
  ap1: "ap1.datadoghq.com",
  ap2: "ap2.datadoghq.com",
  uk1: "uk1.datadoghq.com",
  gov: "ddog-gov.com",
  "us1-fed": "ddog-gov.com",
  "us2-fed": "us2.ddog-gov.com",
};

/** Whether Datadog has the site. */
export function isDatadogSite(site: string): boolean {
  return (datadogSites as readonly string[]).includes(site);
}

/** The site that somebody meant by another name for it, e.g. `eu` or `https://app.datadoghq.eu/`; undefined where none is near. */
export function siteMeantBy(text: string): string | undefined {
  const bare = text
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\/.*$/, "")
    .replace(/^(app|api|http-intake\.logs)\./, "");
  if (isDatadogSite(bare)) return bare;
  return Object.hasOwn(nicknames, bare) ? nicknames[bare] : undefined;
}

/** Where a site takes logs: https://docs.datadoghq.com/api/latest/logs/#send-logs */
export function intakeOf(site: string): string {
  return `https://http-intake.logs.${site}`;
}

/** Where a site says whether a key is valid: https://docs.datadoghq.com/api/latest/authentication/ */
export function apiOf(site: string): string {
  return `https://api.${site}`;
}
