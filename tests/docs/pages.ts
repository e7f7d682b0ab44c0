import { glob, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The checkout's folder. */
export const root: string = dirname(dirname(import.meta.dirname));

/** A fenced block of a page. */
export interface Fence {
  readonly page: string;
  /** 1-based, of the opening fence. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** `<!-- key: value -->` on the line above: `from` a file, written to a `file`, or to `run`. */
  readonly note: { readonly key: string; readonly value: string } | undefined;
}

/** Every page that people read, by path. */
export async function readPages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  for await (const path of glob(["*.md", "docs/**/*.md", "packages/*/README.md", "examples/*/README.md"], {
    cwd: root,
  })) {
    pages.set(path, await readFile(join(root, path), "utf8"));
  }
  return pages;
}

/** The fences of a page, in order. */
export function fencesOf(page: string, text: string): readonly Fence[] {
  const pattern = /(?:<!-- (\w+)(?:: (.*?))? -->\n\n?)?^```(\w*)\n(.*?)^```$/gms;
  return [...text.matchAll(pattern)].map((match) => {
    const [all, key, value = "", language = "", body = ""] = match;
    const line = text.slice(0, match.index + all.indexOf("```")).split("\n").length;
    return { page, line, language, text: body, note: key === undefined ? undefined : { key, value } };
  });
}

/** Where the links of a page lead to: targets as they are written, without those to other sites. */
export function linksOf(text: string): readonly string[] {
  const prose = text.replaceAll(/^```.*?^```$/gms, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors that the headings of a page make. */
export function anchorsOf(text: string): ReadonlySet<string> {
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}
