import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { RealS3 } from "../console/s3-server.ts";

const run = promisify(execFile);

/** A role of a test's own. */
export interface RgwRole extends AsyncDisposable {
  readonly arn: string;
}

/** Makes a role with the given policies, as they are. */
export async function rgwRole(
  { variable }: Pick<RealS3, "variable">,
  policies: { readonly trust: string; readonly permissions: string },
): Promise<RgwRole> {
  const named = `--role-name=web-${randomBytes(6).toString("hex")}`;
  const admin = (...parameters: string[]): Promise<unknown> =>
    run("radosgw-admin", ["-c", variable("CEPH_CONF"), ...parameters]);
  await admin("role", "create", named, "--path=/", `--assume-role-policy-doc=${policies.trust}`);
  await admin("role-policy", "put", named, "--policy-name=write", `--policy-doc=${policies.permissions}`);
  return {
    arn: `arn:aws:iam:::role/${named.slice("--role-name=".length)}`,
    async [Symbol.asyncDispose]() {
      await admin("role-policy", "delete", named, "--policy-name=write");
      await admin("role", "delete", named);
    },
  };
}

/** Sets one of the gateway's options at once. */
export async function configureRgw({ variable }: Pick<RealS3, "variable">, name: string, value: string): Promise<void> {
  await run("ceph", ["--admin-daemon", variable("ADMIN_SOCKET"), "config", "set", name, value]);
}
