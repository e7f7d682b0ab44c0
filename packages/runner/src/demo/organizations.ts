/** One of the demo's customers. */
export interface DemoOrganization {
  readonly id: string;
  readonly name: string;
  /** Part of all events that are this one's. */
  readonly share: number;
}

/** The demo's customers: invented, one busier than the next. */
export const demoOrganizations: readonly DemoOrganization[] = [
  { id: "acme", name: "Acme Example", share: 0.5 },
  { id: "borealis", name: "Borealis Example", share: 0.3 },
  { id: "cobalt", name: "Cobalt Example", share: 0.2 },
];

/** The id of an organization's stream. */
export function streamIdOf({ id }: DemoOrganization): string {
  return `${id}-files`;
}

/** What people call that stream. */
export function streamNameOf({ name }: DemoOrganization): string {
  return `${name.split(" ")[0] ?? name} archive`;
}
