import { X509Certificate } from "node:crypto";

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Whether a text holds certificates in PEM form, at least one and all of them sound. */
export function isCertificate(pem: string): boolean {
  const blocks = pem.match(block) ?? [];
  try {
    for (const each of blocks) void new X509Certificate(each);
  } catch {
    return false;
  }
  return blocks.length > 0;
}
