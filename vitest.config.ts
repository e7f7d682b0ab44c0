import { defineConfig } from "vitest/config";

const conditions = ["@headgate/source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "examples/*/src/**/*.test.ts", "tests/**/*.test.ts"],
    pool: "forks",
    // Vitest leaves one core free unless it is told otherwise, which on two cores is half of them.
    maxWorkers: "100%",
    execArgv: ["--conditions=@headgate/source"],
    // Never a measure of speed: what hangs is found, and a slow or busy machine is not.
    testTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 120_000,
    typecheck: { enabled: false },
  },
});
