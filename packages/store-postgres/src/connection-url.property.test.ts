import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertPostgresUrl, databaseAddress } from "./connection-url.ts";
import { postgresStore } from "./postgres-store.ts";

const trust = { ca: undefined, allowInsecureConnection: false };
const characters = "abcXYZ019/+=._~-&?%<>'\"\\{}[]@:# \u00fc".split("");
const word = fc.string({
  unit: fc.constantFrom(...characters),
  minLength: 8,
  maxLength: 24,
});

describe("a database's URL", () => {
  it("gives user, password and database back, whatever characters they hold", () => {
    fc.assert(
      fc.property(word, word, word, (user, password, database) => {
        const [u, p, d] = [user, password, database].map(encodeURIComponent);
        const address = databaseAddress(`postgresql://${u}:${p}@db.example:6000/${d}`, trust);
        expect(address).toMatchObject({ user, password, database, host: "db.example", port: 6000 });
      }),
    );
  });

  it("is in no message and no object, however wrong it is", () => {
    const broken = fc.constantFrom(
      (p: string) => p,
      (p: string) => `http://u:${p}@h/d`,
      (p: string) => `postgresql://u:${p}@h/d?sslmode=require`,
      (p: string) => `postgresql://u:${p}@h:port/d`,
      (p: string) => `postgresql://u:${p}%@h/d`,
      (p: string) => `postgresql://h/d?password=${p}`,
      (p: string) => `postgresql://${p}@/d?host=/run`,
      (p: string) => `postgresql://u:${encodeURIComponent(p)}@h/d`,
    );
    fc.assert(
      fc.property(word, broken, (password, write) => {
        let said = "";
        try {
          assertPostgresUrl(write(password));
          said += inspect(postgresStore({ url: write(password) }), { depth: 10, showHidden: true });
        } catch (error) {
          said += inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error);
        }
        expect(said).not.toContain(password);
        // Nor a part of it, as where a URL's parser takes it for something else.
        for (const part of password.split(/\W+/)) if (part.length > 4) expect(said).not.toContain(part);
        expect(said).not.toContain(encodeURIComponent(password));
      }),
    );
  });

  it.each([
    ["postgresql://u@localhost/d", false],
    ["postgresql://u@127.0.0.9/d", false],
    ["postgresql://u@[::1]/d", false],
    ["postgresql://u@/d?host=/run/postgresql", false],
    ["postgresql://u@localhost/d?sslmode=verify-full", true],
    ["postgresql://u@db.example/d", true],
    ["postgresql://u@10.0.0.1/d", true],
    ["postgresql://u@localhost.example/d", true],
    ["postgresql://u@127.0.0.1.example/d", true],
  ])("decides on encryption: %s", (url, encrypted) => {
    const { ssl } = databaseAddress(url, trust);
    expect(ssl !== false && ssl.rejectUnauthorized).toBe(encrypted);
  });
});
