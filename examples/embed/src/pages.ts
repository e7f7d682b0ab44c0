import type { Member } from "./sessions.ts";

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escaped(title)}</title>
    <link rel="stylesheet" href="/assets/settings.css">
    <script type="module" src="/assets/elements.js"></script>
    <script type="module" src="/assets/settings.js"></script>
  </head>
  <body>
${body}
  </body>
</html>
`;
}

/** Where somebody signs in to the platform. */
export function signInPage(members: readonly Member[]): string {
  const choices = members
    .map(
      ({ id, name, organization }) =>
        `<button name="member" value="${escaped(id)}">${escaped(name)}, ${escaped(organization)}</button>`,
    )
    .join("\n        ");
  return page(
    "Sign in to Forge",
    `    <main class="narrow">
      <h1>Sign in to Forge</h1>
      <p>This example knows everybody by sight. Who are you?</p>
      <form method="post" action="/sign-in">
        ${choices}
      </form>
    </main>`,
  );
}

/** The settings page of a member's organization: the elements are told where the API is, and whose streams to show. */
export function settingsPage(member: Member, api: string): string {
  const attributes = `api="${escaped(api)}" organization="${escaped(member.organization)}"`;
  return page(
    "Audit log streaming",
    `    <header>
      <strong>Forge</strong>
      <span>${escaped(member.name)}, ${escaped(member.organization)}</span>
      <form method="post" action="/sign-out"><button>Sign out</button></form>
    </header>
    <main>
      <h1>Audit log streaming</h1>
      <headgate-banner ${attributes}></headgate-banner>
      <section id="overview" tabindex="-1" aria-label="All streams">
        <headgate-streams ${attributes}></headgate-streams>
      </section>
      <section id="one" tabindex="-1" aria-label="One stream" hidden>
        <headgate-stream ${attributes}></headgate-stream>
      </section>
      <section id="connect" tabindex="-1" aria-label="Connect a stream" hidden>
        <headgate-connect ${attributes}></headgate-connect>
      </section>
    </main>`,
  );
}
