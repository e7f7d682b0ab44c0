export { assertPostgresUrl } from "./connection-url.ts";
export * from "./postgres-store.ts";
