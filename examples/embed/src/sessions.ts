import { randomBytes } from "node:crypto";

/** Somebody who may sign in to the platform. */
export interface Member {
  readonly id: string;
  readonly name: string;
  /** The one organization that this example lets a member belong to. */
  readonly organization: string;
  readonly role: "owner" | "member";
}

/** The platform's own sessions: this example keeps them in memory, yours has them already. */
export interface Sessions {
  /** Signs a member in and returns the value of the Set-Cookie header. */
  begin(member: Member): string;
  /** Whose session the Cookie header names. */
  find(cookies: string | null | undefined): Member | undefined;
  end(cookies: string | null | undefined): void;
}

const name = "session";

/** Makes the sessions of one process. */
export function createSessions(): Sessions {
  const members = new Map<string, Member>();
  const keyIn = (cookies: string | null | undefined): string =>
    new RegExp(`(?:^|; *)${name}=([\\w-]+)`).exec(cookies ?? "")?.[1] ?? "";
  return {
    begin(member) {
      const key = randomBytes(24).toString("base64url");
      members.set(key, member);
      // Behind TLS, as in production, `Secure` belongs here as well.
      return `${name}=${key}; Path=/; HttpOnly; SameSite=Lax`;
    },
    find: (cookies) => members.get(keyIn(cookies)),
    end: (cookies) => void members.delete(keyIn(cookies)),
  };
}
