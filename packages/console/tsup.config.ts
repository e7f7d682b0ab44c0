import { defineConfig } from "tsup";
import { packageBuild } from "../../tsup.base.ts";

// The library, which the user's bundler joins with Lit; and the bundle for pages as they are.
export default [
  packageBuild(["src/index.ts", "src/site.ts"]),
  defineConfig({
    entry: ["src/elements.ts"],
    outDir: "dist/site",
    publicDir: "site",
    format: "esm",
    target: "es2023",
    platform: "browser",
    noExternal: [/.*/],
    minify: true,
    sourcemap: false,
    clean: false,
    dts: false,
    // Each language is a file that is fetched where it is read; its name is one that hosts can serve and keep.
    splitting: true,
    esbuildOptions(options) {
      options.chunkNames = "[name]";
    },
  }),
];
