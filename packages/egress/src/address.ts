import { BlockList, isIP } from "node:net";

/**
 * Ranges that no customer's endpoint may lead to: this host, private networks, link-local with the metadata service,
 * multicast, documentation and benchmarks, and IPv6 that wraps an IPv4 address of any of these.
 * https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const blocked = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const) {
  blocked.addSubnet(network, bits, "ipv4");
}
for (const [network, bits] of [
  // Teredo, ORCHID and other protocols' own; the next is 6to4.
  ["2001::", 23],
  ["2002::", 16],
  ["2001:db8::", 32],
  ["3fff::", 20],
] as const) {
  blocked.addSubnet(network, bits, "ipv6");
}

/** What is given out to the public internet of IPv6 at all, and IPv4 in its mapped form. NAT64, site-local and the like are outside. */
const global = new BlockList();
global.addSubnet("2000::", 3, "ipv6");
global.addSubnet("::ffff:0:0", 96, "ipv6");

/** Whether an IP address is on the public internet. IPv4 inside IPv6 counts as what it is. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !blocked.check(address, "ipv4");
  // What is no address at all is on no internet.
  return version === 6 && global.check(address, "ipv6") && !blocked.check(address, "ipv6");
}
