// The package has no types that are right; who compiles this file alone finds ours here.
// oxlint-disable-next-line typescript/triple-slash-reference
/// <reference path="./splunk-logging.d.ts" />
import { HeadgateError } from "@headgate/core";
import type { Logger } from "splunk-logging";

let loading: Promise<typeof Logger> | undefined;

/**
 * Loads the vendor's package, once for the process and not before the first request.
 * @throws `config_invalid` where it is not installed
 */
export async function loadLogger(): Promise<typeof Logger> {
  loading ??= import("splunk-logging").then((module) => module.Logger);
  try {
    return await loading;
  } catch (error) {
    loading = undefined;
    throw new HeadgateError("config_invalid", "The package splunk-logging cannot be loaded.", {
      hint: "Install splunk-logging 0.11.1 beside @headgate/sink-splunk, or use the default transport.",
      cause: error,
    });
  }
}
