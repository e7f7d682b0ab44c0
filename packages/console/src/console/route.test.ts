import fc from "fast-check";
import { expect, test } from "vitest";
import { hashOf, type Route, routeOf } from "./route.ts";

const id = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => text !== "-" && text.isWellFormed());
const organization = fc.option(id, { nil: undefined });
const route: fc.Arbitrary<Route> = fc.oneof(
  fc.record({ page: fc.constantFrom("stream" as const, "edit" as const), organization, stream: id }),
  fc.record({
    page: fc.constantFrom("streams" as const, "connect" as const, "events" as const),
    organization,
    stream: fc.constant(undefined),
  }),
);

test("an address leads back to its page, whatever the ids hold", () => {
  fc.assert(
    fc.property(route, (one) => {
      expect(routeOf(hashOf(one))).toEqual(one);
    }),
  );
});

test("what is no address of ours is the list", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(routeOf(`#${text}`).page).toBeTypeOf("string");
    }),
  );
  expect(routeOf("")).toEqual({ page: "streams", organization: undefined, stream: undefined });
  expect(routeOf("#/acme/nowhere")).toEqual({ page: "streams", organization: "acme", stream: undefined });
  expect(routeOf("#/%E0%A4%A/streams").page).toBe("streams");
});
