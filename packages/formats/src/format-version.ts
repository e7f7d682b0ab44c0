import type { EventFormat, FormatEncoder } from "@headgate/core";

/** What a version of a format is made with. */
export interface FormatDefinition<Options extends object> {
  readonly name: string;
  readonly title: string;
  /** By number: all that this code still writes byte for byte. The highest is used for new windows. */
  readonly versions: Readonly<Record<number, (options: Options) => FormatEncoder>>;
}

/**
 * A format whose encoding is its version and its options: a window that was sealed under other options ends under them, and
 * one of a version that is not among these is not touched.
 */
export function versionedFormat<Options extends object>(
  { name, title, versions }: FormatDefinition<Options>,
  options: Options,
): EventFormat {
  const current = Math.max(...Object.keys(versions).map(Number));
  const encoders = new Map<string, FormatEncoder | undefined>();

  function make(encoding: string): FormatEncoder | undefined {
    const [, version = "", text = ""] = /^(\d{1,9}) (\{.*\})$/s.exec(encoding) ?? [];
    const encoder = Object.hasOwn(versions, version) ? versions[Number(version)] : undefined;
    if (encoder === undefined) return undefined;
    try {
      return encoder(JSON.parse(text) as Options);
    } catch {
      return undefined;
    }
  }

  return {
    name,
    title,
    encoding: `${current} ${JSON.stringify(options)}`,
    encoder(encoding) {
      if (!encoders.has(encoding)) encoders.set(encoding, make(encoding));
      return encoders.get(encoding);
    },
  };
}
