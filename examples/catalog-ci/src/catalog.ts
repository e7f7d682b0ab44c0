import { type Catalog, defineCatalog, type FromSchema } from "@headgate/core";
import { billing } from "./actions/billing.ts";
import { deliveries } from "./actions/deliveries.ts";
import { factors } from "./actions/factors.ts";
import { members } from "./actions/members.ts";
import { organization } from "./actions/organization.ts";
import { pipelines } from "./actions/pipelines.ts";
import { projects } from "./actions/projects.ts";
import { roles } from "./actions/roles.ts";
import { runners } from "./actions/runners.ts";
import { secrets } from "./actions/secrets.ts";
import { signIns } from "./actions/sign-ins.ts";
import { tokens } from "./actions/tokens.ts";

/** Every action of the platform, by its name. */
export type CiActions = typeof signIns &
  typeof factors &
  typeof tokens &
  typeof members &
  typeof roles &
  typeof organization &
  typeof secrets &
  typeof projects &
  typeof runners &
  typeof pipelines &
  typeof deliveries &
  typeof billing;

/** The name of an action. */
export type CiAction = keyof CiActions;

/** The metadata of an action, as its schema says. */
export type CiMetadata<Action extends CiAction> = FromSchema<CiActions[Action]["metadata"]>;

/**
 * The actions of a platform that builds, tests and deploys. Pass it to `createHeadgate`: `append` then knows each action
 * and the type of its metadata.
 */
export const catalog: Catalog<CiActions> = defineCatalog({
  ...signIns,
  ...factors,
  ...tokens,
  ...members,
  ...roles,
  ...organization,
  ...secrets,
  ...projects,
  ...runners,
  ...pipelines,
  ...deliveries,
  ...billing,
});
