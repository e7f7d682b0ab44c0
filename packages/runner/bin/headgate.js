#!/usr/bin/env node
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`headgate needs Node.js 22.18 or newer, and this is ${process.versions.node}. Install a newer one.`);
  process.exit(1);
}
const { enableCompileCache } = await import("node:module");
enableCompileCache();
await import("../dist/cli.js");
