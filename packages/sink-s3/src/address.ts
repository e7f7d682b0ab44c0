import { lookup } from "node:dns";
import { BlockList, isIP } from "node:net";
import type { LookupFunction } from "node:net";

/** Ranges that no customer's endpoint may lead to: this host, private networks, link-local with the metadata service, multicast. */
const blocked = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const) {
  blocked.addSubnet(network, bits, "ipv4");
}
for (const [network, bits] of [
  ["::", 127],
  ["64:ff9b::", 96],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const) {
  blocked.addSubnet(network, bits, "ipv6");
}

/** Whether an IP address is on the public internet. IPv4 inside IPv6 counts as what it is. */
export function isPublicAddress(address: string): boolean {
  return !blocked.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** Whether a URL's host is a loopback or private address, or a name that always means one. Other names are judged when they are resolved. */
export function isPrivateHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(bare) !== 0) return !isPublicAddress(bare);
  return /(^|\.)localhost\.?$/i.test(bare);
}

/** Code of the error that {@link publicLookup} gives for a name that leads to a private address. */
export const privateAddressCode = "HEADGATE_PRIVATE_ADDRESS";

/**
 * Resolves a host name for a connection, and refuses names that lead to a private address: the check is made on the
 * very addresses that are connected to, so a name cannot change between check and use.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, "");
    const first = addresses[0];
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
      const refusal = new Error(`The host ${hostname} leads to a loopback or private address.`);
      return callback(Object.assign(refusal, { code: privateAddressCode }), "");
    }
    return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
  });
};
