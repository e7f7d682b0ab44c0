export { catalog, type CiAction, type CiActions, type CiMetadata } from "./catalog.ts";
export { plausibleEvents, type PlausibleEventsOptions } from "./generator/plausible-events.ts";
export { seededRandom, steppingClock } from "./generator/random.ts";
export type { CiEvent } from "./generator/story.ts";
