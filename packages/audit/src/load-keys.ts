import { readFile } from "node:fs/promises";
import { type DigestKey, type DigestKeySet, HeadgateError, parseDigestKeys } from "@headgate/core";

const timeoutMs = 30_000;

/**
 * Reads published keys from files and https URLs, all into one set. Redirects are not followed.
 * @throws `file_unreadable`, `destination_unreachable`, `config_invalid`
 */
export async function loadKeys(sources: readonly string[], signal?: AbortSignal): Promise<DigestKeySet> {
  const keys: DigestKey[] = [];
  for (const source of sources) {
    const text = source.startsWith("https://") ? await fetched(source, signal) : await read(source);
    keys.push(...parseDigestKeys(text).keys);
  }
  return { keys };
}

async function fetched(url: string, signal: AbortSignal | undefined): Promise<string> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const reply = await fetch(url, {
      redirect: "error",
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    if (reply.ok) return await reply.text();
    throw new Error(`HTTP ${reply.status}`);
  } catch (cause) {
    throw new HeadgateError("destination_unreachable", `The keys at ${url} cannot be read.`, {
      hint: "Download them with a browser, and give the file.",
      cause,
    });
  }
}

async function read(path: string): Promise<string> {
  if (/^[a-z0-9+.-]+:\/\//i.test(path))
    throw new HeadgateError("config_invalid", "--keys takes a file or an https URL.");
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new HeadgateError("file_unreadable", `The keys in ${path} cannot be read.`, {
      hint: "Give the file that the platform's published keys were saved to.",
      cause,
    });
  }
}
