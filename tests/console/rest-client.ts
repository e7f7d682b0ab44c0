/** What a test asks the API of organization acme. */
export interface RestClient {
  get(path: string): Promise<unknown>;
  change(path: string, changes: object): Promise<void>;
  create(path: string, body: object): Promise<void>;
  /** Appends events; resolves once they are on disk. */
  ingest(events: readonly object[]): Promise<void>;
  /** Asks again until the answer is as wished. */
  until<Answer>(path: string, wish: (answer: Answer) => boolean): Promise<Answer>;
}

/** Makes one that shows a token. */
export function restClient(url: string, token: string): RestClient {
  const base = `${url}/v1/organizations/acme`;
  const headers = { authorization: `Bearer ${token}` };
  async function get(path: string): Promise<unknown> {
    const answer = await fetch(`${base}${path}`, { headers });
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return await answer.json();
  }
  async function send(method: string, path: string, body: object, status: number): Promise<void> {
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }
  return {
    get,
    create: (path, body) => send("POST", path, body, 201),
    change: (path, changes) => send("PATCH", path, changes, 200),
    ingest: (events) => send("POST", "/events", events, 202),
    async until<Answer>(path: string, wish: (answer: Answer) => boolean) {
      for (;;) {
        const answer = (await get(path)) as Answer;
        if (wish(answer)) return answer;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}
