import { type DigestSigner, digestSigner } from "@headgate/core";

/** Signs with a key that everybody knows: the one of RFC 8032, section 7.1, test 2. */
export function benchSigner(): DigestSigner {
  const seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, "hex").toString("base64");
  return digestSigner({ key: `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n` });
}
