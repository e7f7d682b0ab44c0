import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtempDisposable, symlink, writeFile } from "node:fs/promises";
import { BlockList, isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { isPublicAddress } from "@headgate/egress";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deployFiles, deployPath, root } from "./files.ts";
import { graceOf } from "./grace.ts";
import { folders, kustomization, type Manifest, manifestsOf, type Workload } from "./manifests.ts";

const run = promisify(execFile);
const manifests = folders.flatMap((folder) => manifestsOf(folder));
const kubectl = process.env["HEADGATE_KUBECTL"] || "/usr/bin/kubectl";

/** What the compiler finds wrong with manifests as values of the types that are made from Kubernetes' own description. */
async function compile(all: readonly (readonly [string, Manifest])[]): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-manifests-"));
  const lines = all.map(([, manifest], index) => {
    const operator = manifest.apiVersion.startsWith("monitoring.coreos.com/");
    const models = `${operator ? "@kubernetes-models/prometheus-operator" : "kubernetes-models"}/${manifest.apiVersion}`;
    // A literal, because in literals a key that the type does not have is a mistake.
    return `import type { I${manifest.kind} as M${index} } from "${models}";\nexport const m${index}: M${index} = ${JSON.stringify(manifest)};\n`;
  });
  await symlink(join(root, "tests", "deploy", "node_modules"), join(folder.path, "node_modules"));
  await writeFile(join(folder.path, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder.path, "manifests.ts"), lines.join(""));
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--types", "", "manifests.ts"];
  const result = await run(join(root, "node_modules", ".bin", "tsc"), options, { cwd: folder.path }).catch(
    (error: { readonly stdout: string; readonly message: string }) => ({ stdout: error.stdout || error.message }),
  );
  return result.stdout;
}

describe("the manifests", () => {
  it("are of the kinds that they say, with no key that there is not and none missing", async () => {
    expect(manifests.length).toBeGreaterThan(5);
    expect(await compile(manifests)).toBe("");
    const wrong = manifests.map(([file, manifest]) => [file, JSON.parse(misspelt(manifest)) as Manifest] as const);
    const found = await compile(wrong);
    expect(found).toContain(`'"seccompProfiles"' does not exist`);
    expect(found).toContain(`'"podSelectors"' does not exist`);
  }, 240_000);

  it.each(folders)("of %s are all in its kustomization", (folder) => {
    const { resources, configMapGenerator = [] } = kustomization(folder);
    const named = [
      ...resources.filter((name) => !name.startsWith("..")),
      ...configMapGenerator.flatMap((of) => of.files),
    ];
    expect([...named, "kustomization.yaml"].sort()).toEqual(deployFiles(join("kubernetes", folder)));
  });

  it.skipIf(!existsSync(kubectl)).each(folders)("of %s are put together by kustomize", async (folder) => {
    const { stdout } = await run(kubectl, ["kustomize", deployPath(join("kubernetes", folder))]);
    expect(stdout).toContain("namespace: headgate");
    // The configuration and who mounts it have been given the same new name.
    const names = new Set([...stdout.matchAll(/\bname: (headgate-[bcdfghkmt2456789]{10})$/gm)].map(([, name]) => name));
    expect(names.size).toBe(kustomization(folder).configMapGenerator?.length ?? 0);
  });

  it("hold no secret", () => {
    expect(manifests.filter(([, { kind }]) => kind === "Secret")).toEqual([]);
  });
});

function misspelt(manifest: Manifest): string {
  return JSON.stringify(manifest)
    .replace('"seccompProfile"', '"seccompProfiles"')
    .replace('"podSelector"', '"podSelectors"');
}

const workloads = manifests
  .filter(([, { kind }]) => kind === "Deployment" || kind === "StatefulSet")
  .map(([file, manifest]) => [file, manifest as Workload] as const);

describe.each(workloads)("the pod of %s", (_, { spec }) => {
  const pod = spec.template.spec;
  const [container] = pod.containers;

  it("runs as nobody, can become nobody else, writes nowhere and knows no token of the cluster", () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(pod.containers).toHaveLength(1);
    expect(container).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
      resources: {
        requests: { memory: expect.any(String) as string },
        limits: { memory: expect.any(String) as string },
      },
    });
    expect(pod.securityContext["runAsUser"]).toBeGreaterThan(0);
  });

  it("is given more time to end than it takes", () => {
    const pause = container.lifecycle?.preStop.sleep.seconds ?? 0;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(pause + graceOf(container.args) + 5 + 5);
  });

  it("is asked where it listens, and is what the Service and the policies select", () => {
    for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe])
      expect(probe.httpGet.port).toBe(container.ports[0].name);
    expect(container.readinessProbe.httpGet.path).toBe("/readyz");
    const { labels } = spec.template.metadata;
    expect(spec.selector.matchLabels).toEqual(labels);
    const selectors = JSON.stringify(manifests.map(([, manifest]) => manifest)).matchAll(
      /"(?:podSelector|selector)":(?:\{"matchLabels":)?(\{"app\.kubernetes\.io\/name":"headgate"\})/g,
    );
    for (const [, selector = ""] of selectors) expect(labels).toEqual(JSON.parse(selector));
  });
});

interface Policy extends Manifest {
  readonly spec: {
    readonly egress: readonly {
      readonly to: readonly { readonly ipBlock?: { readonly cidr: string; readonly except: readonly string[] } }[];
      readonly ports: readonly { readonly port: number }[];
    }[];
  };
}

describe("the network policy", () => {
  const [, policy] = manifests.find(([file]) => file === "base/network-policy.yaml") ?? [];
  const rules = (policy as Policy).spec.egress.filter(({ to }) => to.some(({ ipBlock }) => ipBlock !== undefined));
  const blocks = rules.flatMap(({ to }) => to.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock])));

  const listOf = (ranges: readonly string[]): BlockList => {
    const list = new BlockList();
    for (const range of ranges) {
      const [network = "", bits] = range.split("/");
      list.addSubnet(network, Number(bits), isIP(network) === 4 ? "ipv4" : "ipv6");
    }
    return list;
  };
  const parts = blocks.map(({ cidr, except }) => ({
    inside: listOf([cidr]),
    outside: listOf(except),
    six: cidr.includes(":"),
  }));
  const lets = (address: string): boolean => {
    const six = isIP(address) === 6;
    const family = six ? "ipv6" : "ipv4";
    // Node takes an IPv4 range to hold mapped IPv6 addresses too; a packet is of one kind or the other.
    return parts.some(
      (part) => part.six === six && part.inside.check(address, family) && !part.outside.check(address, family),
    );
  };

  it("lets out to https alone, and to exactly what Headgate takes for public", () => {
    expect(rules.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual([443]);
    for (const address of ["169.254.169.254", "10.0.0.1", "172.31.0.1", "192.168.1.1", "fd00:ec2::254", "fe80::1"])
      expect(lets(address)).toBe(false);
    expect(lets("52.218.0.1") && lets("2600:1f18::1")).toBe(true);
    const edges = blocks.flatMap(({ except }) => except.map((range) => range.replace(/\/.*/, "")));
    const four = fc.tuple(
      fc.constantFrom(...edges.filter((edge) => isIP(edge) === 4)),
      fc.integer({ min: -2, max: 2 ** 24 }),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV4(),
          fc.ipV6().filter((address) => !address.includes(".")),
          four.map(([edge, by]) => shifted(edge, by)),
        ),
        (address) => lets(address) === isPublicAddress(address),
      ),
      { numRuns: 5000 },
    );
  });
});

/** The IPv4 address that stands `by` after another one. */
function shifted(address: string, by: number): string {
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) + by;
  const wrapped = ((number % 2 ** 32) + 2 ** 32) % 2 ** 32;
  return [24, 16, 8, 0].map((bits) => Math.floor(wrapped / 2 ** bits) % 256).join(".");
}
