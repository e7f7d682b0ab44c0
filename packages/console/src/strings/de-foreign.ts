import { deAlerts } from "./de-alerts.ts";
import { deChecks } from "./de-checks.ts";
import { deFields } from "./de-fields.ts";
import { deGuides } from "./de-guides.ts";
import { deReasonsS3 } from "./de-reasons-s3.ts";
import { deReasons } from "./de-reasons.ts";
import { deRefusals } from "./de-refusals.ts";
import { deShapes } from "./de-shapes.ts";
import { deVerification } from "./de-verification.ts";
import type { ForeignTexts } from "./translator.ts";

/**
 * What the API says, in German, as far as customers meet it. What only operators set up (folders, transports and
 * credentials of their own) stays English: every text here is on its way to all who read German.
 */
export const deForeign: ForeignTexts = {
  ...deFields,
  ...deGuides,
  ...deVerification,
  ...deChecks,
  ...deReasonsS3,
  ...deReasons,
  ...deAlerts,
  ...deRefusals,
  ...deShapes,
};
