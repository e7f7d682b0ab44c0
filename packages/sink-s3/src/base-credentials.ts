import { fromNodeProviderChain } from "@aws-sdk/credential-providers";
import type { AwsIdentity, AwsIdentityProvider } from "./options.ts";

/** The platform's own credentials, shared by all streams. */
export interface BaseCredentials {
  get(): Promise<AwsIdentity>;
  /** They were refused: the next `get` asks the provider for others. */
  refused(): void;
}

/** Wraps a provider; by default the AWS SDK's chain: environment, shared files, web identity file, container, instance. */
export function baseCredentials(provider: AwsIdentityProvider = defaultChain()): BaseCredentials {
  let refused = false;
  return {
    async get() {
      const force = refused;
      refused = false;
      return await provider(force ? { forceRefresh: true } : {});
    },
    refused() {
      refused = true;
    },
  };
}

function defaultChain(): AwsIdentityProvider {
  const chain = fromNodeProviderChain();
  return (options) => chain(options);
}

/**
 * For the SDK's clients: the mark says that this provider keeps its own cache. The SDK's would renew five minutes
 * before an end, at every use, and keep what a server has refused.
 */
export function uncached(
  provider: () => Promise<AwsIdentity>,
): (() => Promise<AwsIdentity>) & { readonly memoized: true } {
  return Object.assign(provider, { memoized: true as const });
}
