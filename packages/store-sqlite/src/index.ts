export * from "./backup.ts";
export * from "./sqlite-store.ts";
