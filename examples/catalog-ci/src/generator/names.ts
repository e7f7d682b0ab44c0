// What the generated world is made of. All invented; hosts and networks are those reserved for documentation.
type Words = readonly [string, ...string[]];

const words = (text: string): Words => text.split(" ") as [string, ...string[]];

export const firstNames: Words = words(
  "Ada Amara Anton Bela Carys Dag Davor Elif Emeka Farid Greta Hana Ilse Imani Ines Jonas Kaito Kwame Lale Leif Linh Mira Nadia Nilo Noor Oona Otto Priya Rafa Rosa Sanna Tariq Timo Uma Vera Wen Yara Zofia",
);
export const lastNames: Words = words(
  "Abbot Birk Castellan Dahlin Ekwe Fenn Garrow Hollis Ibarra Juhl Kestrel Lindqvist Moreau Nwosu Orlova Pell Quist Rahimi Sorel Tamura Ulloa Varga Whitlow Xylander Yilmaz Zeller",
);
export const repositories: Words = words(
  "web-shop payments-api mobile-app search-indexer data-warehouse design-system identity-service inventory notifications terraform-modules docs-site edge-gateway reporting ml-training",
);
export const contextNames = [
  "production",
  "staging",
  "aws-deploy",
  "package-registry",
  "signing",
  "analytics",
] as const;
export const secretNames: Words = words(
  "AWS_ROLE_ARN REGISTRY_TOKEN DATABASE_URL SIGNING_KEY SENTRY_DSN STRIPE_KEY SLACK_WEBHOOK KUBE_CONFIG NPM_TOKEN COSIGN_PASSWORD",
);
export const variableNames: Words = words(
  "LOG_LEVEL NODE_ENV FEATURE_FLAGS CACHE_VERSION API_BASE_URL TEST_SHARDS DEPLOY_REGION RELEASE_CHANNEL",
);
export const groupNames = ["platform", "mobile", "payments", "data", "security", "contractors"] as const;
export const permissions: Words = words(
  "pipelines:run pipelines:cancel contexts:read contexts:write projects:admin members:read members:write runners:admin audit:read billing:read",
);
export const scopes: Words = words(
  "read:pipelines write:pipelines read:contexts read:audit write:projects read:artifacts",
);
export const jobNames = [
  "lint",
  "unit-tests",
  "build",
  "integration-tests",
  "browser-tests",
  "package",
  "scan",
] as const;
export const resourceClasses = ["linux.medium", "linux.large", "linux.arm", "macos.large", "windows.medium"] as const;
export const branches = [
  "feature/checkout",
  "fix/timeouts",
  "chore/upgrade",
  "feature/search",
  "fix/flaky-tests",
] as const;
export const crons = ["0 3 * * *", "*/30 * * * *", "15 6 * * 1-5", "0 0 1 * *"] as const;
export const hookHosts = ["hooks.chat.example", "ci-bridge.example", "status.example", "tickets.example"] as const;
export const environments = ["staging", "production"] as const;
export const browsers = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
] as const;
/** RFC 5737. */
export const networks = ["192.0.2", "198.51.100", "203.0.113"] as const;
