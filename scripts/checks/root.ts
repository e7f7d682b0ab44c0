import { dirname } from "node:path";

/** The checkout's folder. */
export const root: string = dirname(dirname(import.meta.dirname));
