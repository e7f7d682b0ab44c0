/** Whose log it is, as SIEMs show it. */
export interface ProductOptions {
  /** Name of the platform. @default Headgate */
  readonly product?: string;
  /** Who makes the platform. @default Headgate */
  readonly vendor?: string;
}

/** The options with their defaults: they are part of a format's encoding, so that they are frozen too. */
export function productOf({ product = "Headgate", vendor = "Headgate" }: ProductOptions): Required<ProductOptions> {
  return { product, vendor };
}
