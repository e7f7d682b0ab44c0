import { defineConfig } from "tsup";

/** The same JavaScript build for every package; declarations come from `tsc` (tsup's own need an older compiler). */
export function packageBuild(entry: string[]): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry,
    format: "esm",
    target: "node22",
    platform: "node",
    sourcemap: true,
    clean: false,
    dts: false,
    splitting: true,
    // Some modules exist under `node:` alone, `node:sqlite` among them.
    removeNodeProtocol: false,
  });
}
