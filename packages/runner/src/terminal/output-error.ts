import { getSystemErrorMap } from "node:util";

/** What a person reads when the results cannot be written. */
export function outputErrorText({ code, errno, message }: NodeJS.ErrnoException): string {
  const known = errno === undefined ? undefined : getSystemErrorMap().get(errno);
  const why = known === undefined ? message : `${known[1]} (${code ?? known[0]})`;
  return `standard output cannot be written: ${why}`;
}
