import { errorCodes } from "../../packages/core/src/errors.ts";
import { table } from "./markdown.ts";

/** Every stable error code and what it means. */
export function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(([code, meaning]) => [`\`${code}\``, meaning]);
  return `# Errors

Every error that Headgate raises on purpose is a \`HeadgateError\` with one of these codes. Match on \`code\`, never on the
message. The message says what went wrong and where, \`hint\` what to do about it. Neither holds a secret or an event's
content.

${table(["Code", "Meaning"], rows)}`;
}
