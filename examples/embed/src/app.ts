import { join } from "node:path";
import { createApi } from "@headgate/api";
import { siteFiles } from "@headgate/console/site";
import type { Headgate } from "@headgate/core";
import { getRequestListener } from "@hono/node-server";
import express, { type Express } from "express";
import { settingsPage, signInPage } from "./pages.ts";
import { createSessions, type Member } from "./sessions.ts";

const mount = "/audit-log";
const policy =
  "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** A platform with a settings page on which its members see, connect and mend the streams of their organization. */
export function createApp(headgate: Headgate, members: readonly Member[]): Express {
  const sessions = createSessions();
  const api = createApi({
    headgate,
    basePath: mount,
    // The platform's own sessions decide who may do what; there are no other credentials.
    tokens: false,
    authenticate(request) {
      const member = sessions.find(request.headers.get("cookie"));
      if (member === undefined) return undefined;
      const { id, name, organization, role } = member;
      return { actor: { type: "user", id, name }, organization, role: role === "owner" ? "admin" : "viewer" };
    },
  });

  const app = express();
  app.disable("x-powered-by");
  // Before anything that reads bodies: the API reads its own.
  const listener = getRequestListener((request) => api.fetch(request), { overrideGlobalObjects: false });
  app.all(`${mount}/{*rest}`, (request, response) => void listener(request, response));

  app.use((_request, response, next) => {
    response.set({ "content-security-policy": policy, "x-content-type-options": "nosniff" });
    next();
  });
  // The elements, and beside them the languages that they fetch.
  for (const [name, file] of siteFiles()) {
    if (!name.endsWith(".js")) continue;
    app.get(`/assets/${name}`, (_request, response) => {
      response.type(file.contentType).set("etag", file.etag).send(Buffer.from(file.body));
    });
  }
  app.use("/assets", express.static(join(import.meta.dirname, "..", "public")));

  app.get("/", (_request, response) => void response.send(signInPage(members)));
  app.post("/sign-in", express.urlencoded({ extended: false }), (request, response) => {
    const { member: id } = (request.body ?? {}) as { readonly member?: unknown };
    const member = members.find((known) => known.id === id);
    if (member === undefined) response.redirect(303, "/");
    else response.set("set-cookie", sessions.begin(member)).redirect(303, "/settings/audit-log");
  });
  app.post("/sign-out", (request, response) => {
    sessions.end(request.headers.cookie);
    response.redirect(303, "/");
  });
  app.get("/settings/audit-log", (request, response) => {
    const member = sessions.find(request.headers.cookie);
    if (member === undefined) response.redirect(303, "/");
    else response.set("cache-control", "no-store").send(settingsPage(member, mount));
  });
  return app;
}
