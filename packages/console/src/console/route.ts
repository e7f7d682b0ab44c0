/** A page of the console, with the organization whose it is. */
export interface Route {
  readonly page: "streams" | "stream" | "edit" | "connect" | "events";
  readonly organization: string | undefined;
  readonly stream: string | undefined;
}

/** Reads an address such as `#/acme/streams/acme-s3/edit`; `-` stands for all organizations. Unknown ones are the list. */
export function routeOf(hash: string): Route {
  const [first, page, stream, more] = hash
    .replace(/^#\/?/, "")
    .split("/")
    .map((part) => decoded(part));
  const organization = first === undefined || first === "" || first === "-" ? undefined : first;
  if (page === "events" || page === "connect") return { page, organization, stream: undefined };
  if (page === "streams" && stream !== undefined && stream !== "")
    return { page: more === "edit" ? "edit" : "stream", organization, stream };
  return { page: "streams", organization, stream: undefined };
}

/** The address of a page. */
export function hashOf({ page, organization, stream }: Route): string {
  const first = organization === undefined ? "-" : encodeURIComponent(organization);
  const id = encodeURIComponent(stream ?? "");
  const rest = page === "stream" ? `streams/${id}` : page === "edit" ? `streams/${id}/edit` : page;
  return `#/${first}/${rest}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
