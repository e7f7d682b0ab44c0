import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Actor } from "@headgate/core";
import type { Role } from "./principal.ts";

/** A token as it is stored: its secret as a SHA-256 alone. 32 random bytes need no slower hash. */
export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly organization?: string;
  /** SHA-256 of the secret, hexadecimal. */
  readonly hash: string;
  /** Unix ms. */
  readonly createdAt: number;
  readonly createdBy?: Actor;
  /** Unix ms. */
  readonly expiresAt?: number;
  /** Day of the last use, UTC, e.g. `2026-11-26`. */
  readonly lastUsedOn?: string;
}

/** The collection of the store's documents that holds them, by id. */
export const tokenCollection = "api_tokens";

const tokenForm = /^hg_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;

/** Mints an id: those of one organization begin alike, and go by the time they were made at. */
export function mintTokenId(organization: string | undefined, now: number): string {
  return `${ownerPrefix(organization)}${now.toString(16).padStart(12, "0").slice(-12)}${randomBytes(6).toString("hex")}`;
}

/** What ids of an organization's tokens begin with: a hash, because organization ids may be anything. Others may share it. */
export function ownerPrefix(organization: string | undefined): string {
  return createHash("sha256")
    .update(organization ?? "")
    .digest("hex")
    .slice(0, 8);
}

/** A new secret. */
export function mintSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** A token's text, for its owner alone. */
export function tokenText(id: string, secret: string): string {
  return `hg_${id}_${secret}`;
}

/** Takes a token's text apart; undefined where it is none. */
export function parseToken(text: string): { readonly id: string; readonly secret: string } | undefined {
  const [, id, secret] = tokenForm.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** How a secret is stored. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Compares in a time that does not depend on where they differ. */
export function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, "hex"), Buffer.from(b, "hex")];
  return left.length === right.length && left.length > 0 && timingSafeEqual(left, right);
}
