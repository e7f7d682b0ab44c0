import { join } from "node:path";
import { deployFiles, yamlFile } from "./files.ts";

/** A manifest as far as it is the same for every kind. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** A pod, as far as the tests look at it. */
export interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly [Container];
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly [{ readonly name: string; readonly containerPort: number }];
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly resources: { readonly limits: Readonly<Record<string, string>> };
}

/** A Deployment or StatefulSet. */
export interface Workload extends Manifest {
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: PodSpec;
    };
  };
}

interface Kustomization {
  readonly resources: readonly string[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly files: readonly string[] }[];
}

/** What is in a folder of `examples/deploy/kubernetes`, but for what only kustomize reads. */
export const folders: readonly string[] = deployFiles("kubernetes");

/** The kustomization of a folder. */
export function kustomization(folder: string): Kustomization {
  return yamlFile(join("kubernetes", folder, "kustomization.yaml"))[0] as Kustomization;
}

/** The manifests that lie in a folder, as `file: manifest`. */
export function manifestsOf(folder: string): readonly (readonly [string, Manifest])[] {
  return deployFiles(join("kubernetes", folder))
    .filter((file) => file !== "kustomization.yaml" && file !== "headgate.yaml")
    .flatMap((file) =>
      yamlFile(join("kubernetes", folder, file)).map(
        (manifest) => [`${folder}/${file}`, manifest as Manifest] as const,
      ),
    );
}
