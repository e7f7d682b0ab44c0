import { defineConfig } from "tsup";
import { packageBuild } from "../../tsup.base.ts";

// The library; and the verifier as one file that runs with nothing beside it.
export default [
  packageBuild(["src/index.ts"]),
  defineConfig({
    entry: { "headgate-audit": "src/cli.ts" },
    format: "esm",
    target: "node22",
    platform: "node",
    noExternal: [/.*/],
    // Some of what is bundled still asks for modules of Node by require.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    outExtension: () => ({ js: ".mjs" }),
    esbuildOptions: (options) => void (options.conditions = ["@headgate/source"]),
    sourcemap: false,
    clean: false,
    dts: false,
    splitting: false,
    removeNodeProtocol: false,
  }),
];
