import { HeadgateError, type Secret } from "@headgate/core";
import { readFile } from "node:fs/promises";

/** A token as it stands in the configuration, or the absolute path of a file that others keep fresh. */
export type SourceToken = Secret | { readonly file: string };

/**
 * Gives the token of a source, a file's as it is at that moment: access tokens live for an hour.
 * @throws `source_denied` where there is none
 */
export function tokenReader(token: SourceToken): () => Promise<string> {
  return async () => {
    if (!("file" in token)) return usable(token.reveal(), "api.token");
    const text = await readFile(token.file, "utf8").catch((cause: unknown) => {
      const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
      throw new HeadgateError("source_denied", `The token's file ${token.file} cannot be read (${code}).`, { cause });
    });
    return usable(text.trim(), `The file ${token.file}`);
  };
}

function usable(token: string, where: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new HeadgateError("source_denied", `${where} holds no token: one word of printable ASCII characters.`, {
    hint: "Put the token there, and nothing else.",
  });
}
