export { catalog, type CiAction, type CiActions, type CiMetadata } from "./catalog.ts";
