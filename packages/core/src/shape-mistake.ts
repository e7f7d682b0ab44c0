import { HeadgateError } from "./errors.ts";

/** What is wrong with a shape. */
export interface ShapeMistake {
  /** E.g. `privacy[0].path`. */
  readonly path: string;
  /** In words that go on after the path: `is no path`. */
  readonly says: string;
  readonly hint?: string;
}

/** The error of a mistake. Its details keep path and words apart, for forms that show them at a field. */
export function shapeMistake({ path, says, hint }: ShapeMistake): HeadgateError {
  return new HeadgateError("shape_invalid", `${path} ${says}.`, {
    ...(hint !== undefined && { hint }),
    details: { path, says },
  });
}
