import type { Command } from "./command.ts";
import { keysNew } from "./keys-new.ts";
import { keysRotate } from "./keys-rotate.ts";

/** `headgate keys …`. */
export const keysCommands: Readonly<Record<string, Command>> = { new: keysNew, rotate: keysRotate };
