export { demoCommand } from "../demo/index.ts";
