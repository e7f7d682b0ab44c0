export { cefFormat } from "./cef-format.ts";
export { cloudEventsFormat } from "./cloudevents-format.ts";
export type { CloudEventsOptions } from "./cloudevents-format.ts";
export { ecsFormat } from "./ecs-format.ts";
export { ocsfFormat } from "./ocsf/ocsf-format.ts";
export type { OcsfOptions } from "./ocsf/ocsf-format.ts";
export type { OcsfClassName } from "./ocsf/classes.ts";
export type { ProductOptions } from "./product.ts";
