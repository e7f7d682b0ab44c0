export { audit, type AuditOptions, type AuditProgress } from "./audit.ts";
export { filesPlace } from "./files-place.ts";
export { folderPlace } from "./folder-place.ts";
export { openPlace, type PlaceOptions } from "./open-place.ts";
export type { AuditPlace, ListedFile } from "./place.ts";
export type { AuditReport, OrganizationReport, SharedPrefix } from "./report.ts";
