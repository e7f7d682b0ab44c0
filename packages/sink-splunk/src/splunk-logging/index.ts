export { splunkLoggingTransport } from "./transport.ts";
