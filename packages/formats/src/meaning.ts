import type { AuditEvent, Target } from "@headgate/core";

/** What an action does, as far as its words tell. */
export type Verb =
  | "create"
  | "read"
  | "update"
  | "delete"
  | "enable"
  | "disable"
  | "add"
  | "remove"
  | "grant"
  | "revoke"
  | "lock"
  | "unlock"
  | "reset"
  | "suspend"
  | "resume"
  | "move"
  | "logon"
  | "logoff";

/** What an event is about, read from its category, the words of its action and its targets. */
export interface Meaning {
  readonly words: ReadonlySet<string>;
  readonly verb: Verb | undefined;
  readonly about: "authentication" | "group" | "privilege" | "user" | "configuration" | "other";
  /** Its targets of each kind. */
  readonly users: readonly Target[];
  readonly groups: readonly Target[];
  readonly privileges: readonly Target[];
}

const verbs: Readonly<Record<Verb, string>> = {
  logon: "login logon signin loggedin authenticate authenticated impersonate impersonated",
  logoff: "logout logoff signout loggedout",
  unlock: "unlock unlocked",
  lock: "lock locked lockout",
  reset: "reset",
  grant: "grant granted assign assigned attach attached elevate elevated promote promoted",
  revoke: "revoke revoked unassign unassigned detach detached demote demoted",
  suspend: "suspend suspended",
  resume: "resume resumed unsuspend unsuspended",
  enable: "enable enabled activate activated reactivate reactivated unarchive unarchived",
  disable: "disable disabled deactivate deactivated archive archived",
  move: "move moved rename renamed transfer transferred",
  create:
    "create created insert inserted register registered generate generated issue issued open opened publish published import imported upload uploaded push pushed submit submitted start started invite invited",
  delete: "delete deleted destroy destroyed purge purged drop dropped expire expired close closed clear cleared",
  add: "add added join joined link linked",
  remove: "remove removed leave left unlink unlinked",
  update:
    "update updated change changed edit edited modify modified set patch patched configure configured rotate rotated replace replaced renew renewed approve approved merge merged dismiss dismissed restore restored",
  read: "read get list view viewed access accessed download downloaded export exported fetch fetched search searched show describe clone cloned query queried",
};
const verbOf = new Map(
  Object.entries(verbs).flatMap(([verb, words]) => words.split(" ").map((word) => [word, verb as Verb] as const)),
);
const order = Object.keys(verbs);

const list = (text: string): readonly string[] => text.split(" ");
const sessions = list("session sessions");
const groupWords = list("group groups team teams");
const privilegeWords = list(
  "role roles permission permissions privilege privileges entitlement entitlements iampolicy setiampolicy",
);
const userWords = list("user users account accounts member members password mfa factor principal serviceaccount");
const configurationWords = list(
  "config configuration setting settings policy policies rule rules secret secrets variable variables key keys hook hooks webhook webhooks protection integration integrations application app feature features zone zones environment environments certificate certificates token tokens domain domains sink firewall saml sso oidc idp provider restriction restrictions",
);
const userTypes = new Set(list("user service_account account member principal bot robot appuser"));
const groupTypes = new Set(list("group team usergroup"));
const privilegeTypes = new Set(list("role permission privilege policy entitlement"));

/** Reads what an event is about. Decides by whole words of the action, so that nothing in a name or an address matters. */
export function meaningOf({ action, category, targets = [] }: AuditEvent): Meaning {
  const words = wordsOf(action);
  const has = (some: readonly string[]): boolean => some.some((word) => words.has(word));
  const found = [...words].map((word) => verbOf.get(word)).filter((verb) => verb !== undefined);
  let verb = found.sort((one, two) => order.indexOf(one) - order.indexOf(two))[0];
  const session = has(sessions);
  if (session && has(["start", "started", "create", "created"])) verb = "logon";
  if (session && has(["end", "ended", "terminate", "terminated", "destroy", "destroyed", "clear"])) verb = "logoff";
  const typed = (types: ReadonlySet<string>): readonly Target[] =>
    targets.filter(({ type }) => types.has(type.toLowerCase()));
  const credentials = has(["password", "mfa", "factor"]) && verb !== undefined && verb !== "logon" && verb !== "read";
  const authenticates =
    (category === "authentication" || session || words.has("authentication") || words.has("auth")) && !credentials;
  const about =
    verb === "logon" || verb === "logoff" || authenticates
      ? "authentication"
      : has(groupWords)
        ? "group"
        : has(privilegeWords)
          ? "privilege"
          : has(userWords)
            ? "user"
            : category === "configuration" || has(configurationWords)
              ? "configuration"
              : "other";
  return {
    words,
    verb,
    about,
    users: typed(userTypes),
    groups: typed(groupTypes),
    privileges: typed(privilegeTypes),
  };
}

/** `user.roleChanged` and `USER_ROLE-changed` are the words user, role, changed; `signed_in` counts as one word. */
function wordsOf(action: string): ReadonlySet<string> {
  const text = action
    .slice(0, 256)
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .replaceAll(/\b(log|sign|logged|signed)[^\p{L}\d]+(in|on|out|off)\b/gu, (_, __, way: string) =>
      way === "in" || way === "on" ? "login" : "logout",
    )
    .replaceAll(/service[^\p{L}\d]?account/gu, "serviceaccount");
  return new Set(text.split(/[^\p{L}\d]+/u).filter((word) => word !== ""));
}
