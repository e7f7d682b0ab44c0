import type { Translation } from "./catalogue.ts";
import { deForeign } from "./de-foreign.ts";
import { de } from "./de.ts";
import { translator } from "./translator.ts";

/** German, as it is loaded where somebody reads it: a file of its own beside the elements. */
export const german: Translation = { texts: de, translate: translator(deForeign) };
