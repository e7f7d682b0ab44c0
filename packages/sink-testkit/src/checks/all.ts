import type { Check } from "../check.ts";
import { cancels } from "./cancels.ts";
import { concurrency } from "./concurrency.ts";
import { delivers } from "./delivers.ts";
import { digests } from "./digests.ts";
import { disposes } from "./disposes.ts";
import { encodes } from "./encodes.ts";
import { limits } from "./limits.ts";
import { outcomes } from "./outcomes.ts";
import { redacts } from "./redacts.ts";
import { repeats } from "./repeats.ts";
import { tenancy } from "./tenancy.ts";
import { verifies } from "./verifies.ts";

/** Every check of the kit, in the order in which they are registered. */
export const allChecks: readonly Check[] = [
  ...delivers,
  ...repeats,
  ...limits,
  ...outcomes,
  ...cancels,
  ...disposes,
  ...concurrency,
  ...redacts,
  ...encodes,
  ...verifies,
  ...digests,
  ...tenancy,
];
