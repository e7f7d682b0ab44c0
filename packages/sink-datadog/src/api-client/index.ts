export { datadogApiClientTransport } from "./transport.ts";
