/** An event class of OCSF, as far as the format needs it. */
export interface OcsfClass {
  readonly uid: number;
  readonly name: string;
  readonly category: { readonly uid: number; readonly name: string };
  /** Captions of its activities, by number. */
  readonly activities: Readonly<Record<number, string>>;
}

const iam = { uid: 3, name: "Identity & Access Management" } as const;
const application = { uid: 6, name: "Application Activity" } as const;

/** Name of a class, as options write it. */
export type OcsfClassName = "account" | "authentication" | "entity" | "access" | "group" | "api";

/** The classes that audit events become. */
export const ocsfClasses: Readonly<Record<OcsfClassName, OcsfClass>> = {
  account: {
    uid: 3001,
    name: "Account Change",
    category: iam,
    activities: {
      1: "Create",
      2: "Enable",
      3: "Password Change",
      4: "Password Reset",
      5: "Disable",
      6: "Delete",
      7: "Attach Policy",
      8: "Detach Policy",
      9: "Lock",
      10: "MFA Factor Enable",
      11: "MFA Factor Disable",
      12: "Unlock",
    },
  },
  authentication: {
    uid: 3002,
    name: "Authentication",
    category: iam,
    activities: { 1: "Logon", 2: "Logoff", 7: "Account Switch" },
  },
  entity: {
    uid: 3004,
    name: "Entity Management",
    category: iam,
    activities: {
      1: "Create",
      2: "Read",
      3: "Update",
      4: "Delete",
      5: "Move",
      8: "Enable",
      9: "Disable",
      10: "Activate",
      11: "Deactivate",
      12: "Suspend",
      13: "Resume",
    },
  },
  access: {
    uid: 3005,
    name: "User Access Management",
    category: iam,
    activities: { 1: "Assign Privileges", 2: "Revoke Privileges" },
  },
  group: {
    uid: 3006,
    name: "Group Management",
    category: iam,
    activities: {
      1: "Assign Privileges",
      2: "Revoke Privileges",
      3: "Add User",
      4: "Remove User",
      5: "Delete",
      6: "Create",
    },
  },
  api: {
    uid: 6003,
    name: "API Activity",
    category: application,
    activities: { 1: "Create", 2: "Read", 3: "Update", 4: "Delete" },
  },
};
