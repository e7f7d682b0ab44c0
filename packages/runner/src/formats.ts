import type { EventFormat } from "@headgate/core";
import { cefFormat, cloudEventsFormat, ecsFormat, ocsfFormat } from "@headgate/formats";

/** The formats that the runner knows beside the native one. */
export const builtInFormats: readonly EventFormat[] = [ocsfFormat(), ecsFormat(), cefFormat(), cloudEventsFormat()];
