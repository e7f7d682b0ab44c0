import type { AuditEvent } from "@headgate/core";
import { type Meaning, meaningOf, type Verb } from "../meaning.ts";
import type { OcsfClassName } from "./classes.ts";

/** What an event is in OCSF. */
export interface Classification {
  readonly name: OcsfClassName;
  /** 0 where it is unknown, 99 where the class has no number for it. */
  readonly activity: number;
}

const api: Partial<Record<Verb, number>> = {
  create: 1,
  add: 1,
  read: 2,
  update: 3,
  enable: 3,
  disable: 3,
  grant: 3,
  revoke: 3,
  lock: 3,
  unlock: 3,
  reset: 3,
  suspend: 3,
  resume: 3,
  move: 3,
  delete: 4,
  remove: 4,
};
const entity: Partial<Record<Verb, number>> = {
  ...api,
  move: 5,
  enable: 8,
  disable: 9,
  suspend: 12,
  resume: 13,
};
const account: Partial<Record<Verb, number>> = {
  create: 1,
  add: 1,
  enable: 2,
  resume: 2,
  unlock: 12,
  disable: 5,
  suspend: 5,
  delete: 6,
  remove: 6,
  lock: 9,
};
const group: Partial<Record<Verb, number>> = { create: 6, delete: 5, grant: 1, revoke: 2 };

/** Whether the event holds what the class cannot do without. */
export function fits(name: OcsfClassName, event: AuditEvent, { users, groups, privileges }: Meaning): boolean {
  switch (name) {
    case "account":
      return users.length > 0;
    case "access":
      return users.length > 0 && privileges.length > 0;
    case "group":
      return groups.length > 0;
    case "entity":
      return (event.targets?.length ?? 0) > 0;
    case "authentication":
    case "api":
      return true;
  }
}

/** The class and the activity of an event. What holds too little for its class is API activity, which takes anything. */
export function classify(event: AuditEvent, meaning: Meaning = meaningOf(event)): Classification {
  const found = candidate(meaning);
  if (fits(found.name, event, meaning)) return found;
  return { name: "api", activity: numberOf(api, meaning.verb) };
}

function candidate(meaning: Meaning): Classification {
  const { about, verb, words, users, privileges } = meaning;
  switch (about) {
    case "authentication":
      return { name: "authentication", activity: verb === "logon" ? logon(words) : verb === "logoff" ? 2 : 99 };
    case "group": {
      const member = users.length > 0 || words.has("member") || words.has("user");
      if (member && (verb === "add" || verb === "create")) return { name: "group", activity: 3 };
      if (member && (verb === "remove" || verb === "delete")) return { name: "group", activity: 4 };
      return { name: "group", activity: numberOf(group, verb) };
    }
    case "privilege":
      if (users.length > 0 && privileges.length > 0) {
        if (verb === "grant" || verb === "add" || verb === "create") return { name: "access", activity: 1 };
        if (verb === "revoke" || verb === "remove" || verb === "delete") return { name: "access", activity: 2 };
      }
      return { name: "entity", activity: numberOf(entity, verb) };
    case "user":
      return verb === "read" ? { name: "api", activity: 2 } : { name: "account", activity: accountActivity(meaning) };
    case "configuration":
      return { name: "entity", activity: numberOf(entity, verb) };
    case "other":
      return { name: "api", activity: numberOf(api, verb) };
  }
}

function logon(words: ReadonlySet<string>): number {
  return words.has("impersonate") || words.has("impersonated") ? 7 : 1;
}

function accountActivity({ verb, words }: Meaning): number {
  if (words.has("password")) return verb === "reset" ? 4 : 3;
  if (words.has("mfa") || words.has("factor")) {
    if (verb === "enable" || verb === "create" || verb === "add") return 10;
    if (verb === "disable" || verb === "delete" || verb === "remove" || verb === "reset") return 11;
    return 99;
  }
  if (words.has("policy")) return verb === "grant" ? 7 : verb === "revoke" ? 8 : 99;
  return numberOf(account, verb);
}

function numberOf(numbers: Partial<Record<Verb, number>>, verb: Verb | undefined): number {
  return verb === undefined ? 99 : (numbers[verb] ?? 99);
}
