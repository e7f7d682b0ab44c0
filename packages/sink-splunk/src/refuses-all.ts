import type { SinkFailure } from "@headgate/core";
import { hecCodes } from "./hec-codes.ts";

/** What is said where Splunk refuses an event of Headgate's own as well: no event is at fault then, and all are kept. */
export function refusesAll({ vendorCode = "" }: SinkFailure): SinkFailure {
  const rule = hecCodes[Number(vendorCode)];
  if (vendorCode === "7") {
    return {
      code: "destination_missing",
      message: "The index does not exist in Splunk, or the token may not write to it (code 7).",
      hint: "Create the index, or allow it for the token, or correct index in the stream's options. Nothing is dropped meanwhile.",
      vendorCode,
    };
  }
  const why = rule === undefined ? "the request is too large for it" : `${rule.text}, code ${vendorCode}`;
  return {
    code: "destination_misconfigured",
    message: `Splunk refuses every event, a small one of Headgate's own too (${why}). No event is at fault.`,
    hint: "Check host, source and sourcetype in the stream's options, and what lies between here and Splunk. Nothing is dropped meanwhile.",
    vendorCode,
  };
}
