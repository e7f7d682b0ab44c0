import { expect, it } from "vitest";
import { cookieJar } from "./cookies.ts";

it("gives back what was set, whatever path and domain it was set for", () => {
  const jar = cookieJar();
  expect(jar.header).toBeUndefined();
  expect(jar.take(["AWSELB=abc; Path=/other; Domain=x.example; HttpOnly; Max-Age=3600", " b = c=d "])).toBe(false);
  expect(jar.header).toBe("AWSELB=abc; b=c=d");
});

it("tells when a client was sent elsewhere: a known cookie has another value, or is taken away", () => {
  const jar = cookieJar();
  jar.take(["AWSELB=one", "SERVERID=s1"]);
  expect(jar.take(["AWSELB=one"])).toBe(false);
  expect(jar.take(["new=1"])).toBe(false);
  expect(jar.take(["AWSELB=two; Path=/"])).toBe(true);
  expect(jar.take(["SERVERID=; Max-Age=0"])).toBe(true);
  expect(jar.take(["SERVERID=; max-age = -1"])).toBe(false);
  expect(jar.header).toBe("AWSELB=two; new=1");
});

it("learns nothing from the cookies that AWS writes anew into every reply", () => {
  const jar = cookieJar();
  jar.take(["AWSALB=a1; Expires=x", "AWSALBCORS=a1"]);
  expect(jar.take(["AWSALB=a2", "AWSALBCORS=a2; SameSite=None"])).toBe(false);
  expect(jar.header).toBe("AWSALB=a2; AWSALBCORS=a2");
});

it("leaves what could not go into a header, and keeps within bounds", () => {
  const jar = cookieJar();
  jar.take(["", "=x", "novalue", "a b=c", "a=b\r\nx: y", `big=${"x".repeat(5000)}`, "ö=1", "ok="]);
  expect(jar.header).toBe("ok=");
  jar.take(Array.from({ length: 100 }, (_, i) => `c${i}=1`));
  expect(jar.header?.split("; ")).toHaveLength(32);
});
