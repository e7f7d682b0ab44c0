import { lookup } from "node:dns";
import { BlockList, isIP } from "node:net";
import type { LookupFunction } from "node:net";
import { HeadgateError } from "@headgate/core";
import { isPublicAddress } from "./address.ts";

/** What the operator of the process allows. Never taken from a customer. */
export interface EgressOptions {
  /** Addresses and ranges, e.g. `10.20.0.0/16`, that may be connected to although they are not public. @default none */
  readonly allow?: readonly string[];
  /** Plain http, and any address at all: for tests and for servers of the operator's own. TLS, where used, is verified all the same. @default false */
  readonly insecure?: boolean;
}

/** Decides on addresses at the moment of connecting. */
export interface AddressGuard {
  permits(address: string): boolean;
}

/** Code of the error that a connection fails with when its address is not permitted. */
export const addressRefusedCode = "HEADGATE_ADDRESS_REFUSED";

/**
 * What may be connected to: public addresses, and what the operator allows.
 * @throws `config_invalid` for an entry of `allow` that is no IP address or range
 */
export function addressGuard({ allow = [], insecure = false }: EgressOptions = {}): AddressGuard {
  const allowed = new BlockList();
  for (const entry of allow) addRange(allowed, entry);
  return {
    permits(address) {
      if (insecure || isPublicAddress(address)) return true;
      // A zone (`fe80::1%eth0`) is no part of what a range can name.
      const bare = address.split("%")[0] as string;
      return isIP(bare) !== 0 && allowed.check(bare, isIP(bare) === 6 ? "ipv6" : "ipv4");
    },
  };
}

/**
 * What can be judged of a URL's host before it is resolved: addresses, and the names that always mean this machine. Other
 * names are judged when they are connected to.
 */
export function permitsHost(hostname: string, options: EgressOptions): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const guard = addressGuard(options);
  if (isIP(host) !== 0) return guard.permits(host);
  return !/(^|\.)localhost\.?$/i.test(host) || guard.permits("127.0.0.1") || guard.permits("::1");
}

function addRange(list: BlockList, entry: string): void {
  const [address = "", bits, ...rest] = entry.split("/");
  const version = isIP(address);
  const family = version === 6 ? "ipv6" : "ipv4";
  const most = version === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (version === 0 || rest.length > 0 || prefix < 0 || prefix > most) {
    throw new HeadgateError(
      "config_invalid",
      `"${entry.slice(0, 60)}" is no IP address and no range such as 10.20.0.0/16.`,
    );
  }
  list.addSubnet(address, prefix, family);
}

/** The error of a connection that the guard does not permit. */
export function addressRefused(host: string): Error {
  return Object.assign(new Error(`The host ${host} leads to an address that is not allowed.`), {
    code: addressRefusedCode,
  });
}

/**
 * Resolves a host name for a connection. The check is made on the very addresses that are connected to, so a name cannot
 * mean one thing when it is checked and another when it is used (DNS rebinding).
 */
export function guardedLookup(guard: AddressGuard): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, "");
      const first = addresses[0];
      if (first === undefined || !addresses.every(({ address }) => guard.permits(address)))
        return callback(addressRefused(hostname), "");
      return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}
