import { generateKeyPairSync } from "node:crypto";
import { execFile } from "node:child_process";
import { access, mkdir, mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createApi } from "@headgate/api";
import { createHeadgate, errorCodes, memoryStore } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { anchorsOf, type Fence, fencesOf, linksOf, readPages, root } from "./pages.ts";

const run = promisify(execFile);
const pages = await readPages();
const fences = [...pages].flatMap(([page, text]) => fencesOf(page, text));
const at = ({ page, line }: Fence): string => `${page}:${line}`;
const named = (wanted: (fence: Fence) => boolean): [string, Fence][] =>
  fences.filter(wanted).map((fence) => [at(fence), fence]);

/** Runs the command line from its source, and shows what it printed when it fails. */
async function headgate(args: readonly string[], cwd = root, env: Record<string, string> = {}): Promise<string> {
  const cli = join(root, "packages", "runner", "src", "cli.ts");
  try {
    const { stdout } = await run(process.execPath, ["--conditions=@headgate/source", cli, ...args], {
      cwd,
      env: { ...process.env, ...env },
    });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`headgate ${args.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}

/** The `headgate …` lines of a shell fence, as words. */
function commandsOf(fence: Fence): readonly (readonly string[])[] {
  return fence.text
    .split("\n")
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter((line) => line.startsWith("headgate "))
    .map((line) => line.split(/\s+/).slice(1));
}

describe("links", () => {
  it.each([...pages])("of %s lead somewhere", async (page, text) => {
    const broken: string[] = [];
    for (const link of linksOf(text)) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : join(dirname(page), path);
      const exists = await access(join(root, target)).then(
        () => true,
        () => false,
      );
      if (!exists) broken.push(link);
      else if (anchor !== undefined && !anchorsOf(pages.get(target) ?? "").has(anchor)) broken.push(link);
    }
    expect(broken).toEqual([]);
  });
});

describe("quoted files", () => {
  it.each(named(({ note }) => note?.key === "from"))("at %s are as they are on disk", async (_at, { note, text }) => {
    expect(text.trim()).toBe((await readFile(join(root, note?.value ?? ""), "utf8")).trim());
  });

  it("include the embedding example of the README", () => {
    expect(fences.some(({ page, note }) => page === "README.md" && note?.value === "examples/embed/src/main.ts")).toBe(
      true,
    );
  });
});

describe("TypeScript on the pages", () => {
  it("type-checks", async () => {
    const cache = join(root, "node_modules", ".cache");
    await mkdir(cache, { recursive: true });
    await using folder = await mkdtempDisposable(join(cache, "headgate-docs-"));
    const snippets = fences.filter(({ language, note }) => language === "ts" && note?.key !== "from");
    expect(snippets.length).toBeGreaterThan(0);
    const files: string[] = [];
    for (const fence of snippets) {
      const file = `${fence.page.replaceAll(/\W+/g, "-")}-line-${fence.line}.ts`;
      await writeFile(join(folder.path, file), `${fence.text}\nexport {};\n`);
      files.push(file);
    }
    const compilerOptions = {
      noEmit: true,
      isolatedDeclarations: false,
      noUnusedLocals: false,
      paths: {
        "@headgate/*": [join(root, "packages", "*", "src", "index.ts")],
        "@headgate/sink-splunk/*": [join(root, "packages", "sink-splunk", "src", "*", "index.ts")],
        "@headgate/sink-datadog/*": [join(root, "packages", "sink-datadog", "src", "*", "index.ts")],
        "@headgate/sink-testkit/*": [join(root, "packages", "sink-testkit", "src", "*", "index.ts")],
      },
      customConditions: ["@headgate/source"],
    };
    const config = { extends: join(root, "tsconfig.base.json"), compilerOptions, files };
    await writeFile(join(folder.path, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(root, "node_modules", ".bin", "tsc");
    const printed = await run(tsc, ["-p", folder.path, "--pretty", "false"]).then(
      () => "",
      (error: { readonly stdout: string }) => error.stdout,
    );
    expect(printed).toBe("");
  });
});

describe("JSON on the pages", () => {
  it.each(named(({ language }) => language === "json"))("at %s parses", (_at, { text }) => {
    const lines = text.trim().split("\n");
    const isNdjson = lines.length > 1 && lines.every((line) => line.startsWith("{") && line.endsWith("}"));
    for (const part of isNdjson ? lines : [text]) expect(() => JSON.parse(part) as unknown).not.toThrow();
  });
});

/** A value for a variable of a page: keys and secrets have forms of their own. */
function variable(name: string): string {
  if (name === "HEADGATE_SECRETS_KEY" || name === "HEADGATE_PSEUDONYM_KEY") return "0f".repeat(32);
  if (name === "DATABASE_URL") return "postgresql://headgate:x@db.example.com/platform";
  if (name.startsWith("OIDC_"))
    return generateKeyPairSync("ec", { namedCurve: "P-256" })
      .privateKey.export({ type: "pkcs8", format: "pem" })
      .toString();
  return name.includes("WEBHOOK_SECRET")
    ? `whsec_${"A".repeat(43)}=`
    : name.includes("URL")
      ? "https://chat.example.com/x"
      : "x".repeat(16);
}

describe("configuration on the pages", () => {
  it.each(named(({ language, text }) => language === "yaml" && /^store:/m.test(text)))(
    "at %s is valid",
    async (_at, { text }) => {
      await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-docs-"));
      await writeFile(join(folder.path, "headgate.yaml"), text);
      await writeFile(join(folder.path, "events.ndjson"), "");
      const { privateKey } = generateKeyPairSync("ed25519");
      await writeFile(join(folder.path, "digest-key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
      const variables = [...text.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = ""]) => [name, variable(name)] as const);
      const validated = headgate(["validate", "-c", "headgate.yaml"], folder.path, Object.fromEntries(variables));
      await expect(validated).resolves.toBeTypeOf("string");
    },
  );
});

describe("commands on the pages", () => {
  const lines = fences
    .filter(({ language }) => language === "sh")
    .flatMap((fence) => commandsOf(fence).map((words) => [words.join(" "), words] as const));

  it.each(lines)("headgate %s: exists with its options", async (_line, words) => {
    const first = words.findIndex((word) => word.startsWith("-"));
    const names = words.slice(0, first === -1 ? words.length : first).filter((word) => /^[a-z]+$/.test(word));
    const help = await headgate([...names, "--help"]);
    const options = words.filter((word) => /^--?[a-z]/.test(word));
    expect(options.filter((option) => !new RegExp(`(^|[\\s,])${option}\\b`, "m").test(help))).toEqual([]);
  });

  it("npm runs only scripts that exist", async () => {
    const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { scripts: object };
    const texts = [...pages.values()].join("\n");
    const mentioned = [...texts.matchAll(/\bnpm (?:run )?(start|test|build|bench|generate|format|lint|[a-z:]+)\b/g)]
      .filter(([all]) => /npm run|npm start|npm test/.test(all))
      .map(([, name = ""]) => name);
    expect(mentioned.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});

describe("the getting-started guide", () => {
  it("does what it says", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-docs-"));
    const guide = fences.filter(({ page }) => page === "docs/guides/getting-started.md");
    for (const { note, text } of guide) if (note?.key === "file") await writeFile(join(folder.path, note.value), text);
    const commands = guide.filter(({ note }) => note?.key === "run").flatMap(commandsOf);
    expect(commands.map(([name]) => name)).toEqual(["validate", "run", "status", "audit"]);
    for (const words of commands) await headgate(words, folder.path);
    // What the page says of a second run.
    await headgate(["run", "-c", "headgate.yaml", "--once"], folder.path);
    const report = JSON.parse(await headgate(["audit", "./out", "--json"], folder.path)) as Record<string, unknown>;
    expect(report).toMatchObject({ complete: true, objects: 1, events: 2, first_sequence: 1, last_sequence: 2 });
  });
});

describe("the reference of errors", () => {
  it("names exactly the codes of the code", () => {
    const text = pages.get("docs/reference/errors.md") ?? "";
    const listed = [...text.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, code, meaning]) => [code, meaning]);
    expect(Object.fromEntries(listed)).toEqual(errorCodes);
  });
});

describe("names in backticks on the guides", () => {
  it("are error codes, keys of the configuration, of an event or of the REST API, or names in the database", async () => {
    const schemas = ["packages/runner/schema/config.json", "packages/core/schema/event-v1.json"];
    const read = await Promise.all(schemas.map((path) => readFile(join(root, path), "utf8")));
    // What of PostgreSQL the guide speaks of, the store has to do with.
    const sources = ["schema", "migrate", "database", "connection-url"].map((name) =>
      readFile(join(root, "packages", "store-postgres", "src", `${name}.ts`), "utf8"),
    );
    const database = (await Promise.all(sources)).join("\n");
    const { openapi } = createApi({ headgate: createHeadgate({ store: memoryStore(), sinks: [] }) });
    const keys = [...read, JSON.stringify(openapi)].join("\n");
    const guides = [...pages].filter(([page]) => page === "README.md" || page.startsWith("docs/guides/"));
    const names = guides.flatMap(([, text]) =>
      [...text.matchAll(/`([a-z]+(?:_[a-z]+)+)(?::[^`]*)?`/g)].map(([, name = ""]) => name),
    );
    expect(names.length).toBeGreaterThan(0);
    const isKnown = (name: string): boolean =>
      Object.hasOwn(errorCodes, name) || keys.includes(`"${name}"`) || new RegExp(`\\b${name}\\b`).test(database);
    expect(names.filter((name) => !isKnown(name))).toEqual([]);
  });
});

describe("the S3 policies", () => {
  it("grant s3:PutObject under the prefix and nothing else, to holders of the external id", async () => {
    const folder = join(root, "examples", "s3-streaming", "policies");
    const policy = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(folder, name), "utf8"));
    expect(await policy("permissions.json")).toMatchObject({
      Statement: [{ Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::acme-audit-logs/headgate/*" }],
    });
    expect(await policy("trust.json")).toMatchObject({
      Statement: [
        { Action: "sts:AssumeRole", Condition: { StringEquals: { "sts:ExternalId": expect.any(String) as string } } },
      ],
    });
  });
});
