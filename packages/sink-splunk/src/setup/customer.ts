import type { CustomerSetup } from "@headgate/core";
import type { SplunkSinkOptions } from "../options.ts";
import { resolveSettings } from "../settings.ts";
import type { HecPath } from "../transport.ts";
import { splunkGivenOf, splunkOptionsOfCustomer } from "./customer-options.ts";
import { splunkGuide } from "./guide.ts";
import { splunkCustomerSchema } from "./schema.ts";

/** What customers may set of a Splunk stream: no file, no time limits, and no address of the platform's own network. */
export function splunkCustomer(operator: {
  readonly allow: readonly string[];
  readonly paths: readonly HecPath[];
}): CustomerSetup<SplunkSinkOptions> {
  return {
    title: "Splunk",
    schema: splunkCustomerSchema,
    options(given, context, previous) {
      const options = splunkOptionsOfCustomer(given, context, previous);
      resolveSettings(options, { ...operator, stream: undefined, insecure: context.allowInsecureEndpoint });
      return options;
    },
    given: splunkGivenOf,
    guide: (given) => splunkGuide(given),
  };
}
