export { oidcIssuer } from "./oidc-issuer.ts";
export type { OidcIssuer, OidcIssuerOptions } from "./oidc-issuer.ts";
export type { OidcKey, OidcPrivateKey, OidcSigningCallback } from "./keys.ts";
export { subjectOf } from "./subject.ts";
export type { TokenRequest } from "./subject.ts";
