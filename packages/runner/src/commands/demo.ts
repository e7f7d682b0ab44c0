import { type Command, defineCommand, exitCode } from "./command.ts";

export const demoCommand: Command = defineCommand({
  description: "",
  options: {},
  examples: ["headgate demo"],
  run: async () => exitCode.done,
});
