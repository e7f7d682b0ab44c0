import type { CustomerSetup } from "@headgate/core";
import type { DatadogSinkOptions } from "../options.ts";
import { resolveSettings } from "../settings.ts";
import { datadogGivenOf, datadogOptionsOfCustomer } from "./customer-options.ts";
import { datadogGuide } from "./guide.ts";
import { datadogCustomerSchema } from "./schema.ts";

/** What customers may set of a Datadog stream: a site of Datadog's, never an address of their own choosing. */
export function datadogCustomer(allowedAddresses: readonly string[]): CustomerSetup<DatadogSinkOptions> {
  return {
    title: "Datadog",
    schema: datadogCustomerSchema,
    options(given, context, previous) {
      const options = datadogOptionsOfCustomer(given, context, previous);
      resolveSettings(options, undefined, allowedAddresses);
      return options;
    },
    given: datadogGivenOf,
    guide: (given) => datadogGuide(given),
  };
}
