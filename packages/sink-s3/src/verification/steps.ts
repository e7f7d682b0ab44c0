import type { SinkFailure, VerificationStep } from "@headgate/core";

/** A step that found what it should. `fix`: what would be better still. */
export function ok(name: string, detail: string, fix?: string): VerificationStep {
  return { name, status: "ok", detail, ...(fix === undefined ? {} : { fix }) };
}

/** A step that found something wrong. */
export function failed(name: string, { message, hint }: Pick<SinkFailure, "message" | "hint">): VerificationStep {
  return { name, status: "failed", detail: message, ...(hint === undefined ? {} : { fix: hint }) };
}

/** A step that was not taken, or that could not tell, and why. */
export function skipped(name: string, detail: string): VerificationStep {
  return { name, status: "skipped", detail };
}

/** Why steps that need the marker are not taken. */
export const nothingWritten = "Not tried: nothing could be written.";
