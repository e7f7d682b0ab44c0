import {
  type Chunk,
  type CustomerContext,
  type DeliveryResult,
  HeadgateError,
  type Secret,
  secret,
  type SinkDefinition,
} from "@headgate/core";

/** What a stream to memory is made with. */
export interface MemoOptions {
  readonly box: string;
  readonly prefix?: string;
  readonly note?: string;
  readonly token?: Secret | string;
  readonly externalId?: string;
  readonly insecure?: boolean;
}

/** A destination in memory that customers may set up. */
export interface MemoSink {
  readonly definition: SinkDefinition<string, MemoOptions>;
  /** Options and texts of every request, verification or delivery. */
  readonly seen: { readonly options: MemoOptions; readonly lines: readonly string[] }[];
  /** Called before each step of a verification. */
  beforeStep: (options: MemoOptions, signal: AbortSignal) => Promise<void>;
}

const text = { type: "string", minLength: 1, maxLength: 64, pattern: "^[^\\u0000-\\u001f]*$" };

/**
 * Makes one. Boxes named `blocked…` refuse everybody, `broken…` ones throw at the second step of a verification, and
 * events of an action that begins with `poison.` are refused for good.
 */
export function memoSink(
  type = "memo",
  { tokenRequired = false }: { readonly tokenRequired?: boolean } = {},
): MemoSink {
  const memo: MemoSink = {
    seen: [],
    beforeStep: async () => {},
    definition: {
      type,
      secretOptions: ["token"],
      schema: {},
      fromConfig: () => ({ box: "configured" }),
      location: ({ box, prefix = "" }) => `${box}/${prefix}`,
      customer: {
        title: "Memo",
        schema: {
          type: "object",
          additionalProperties: false,
          required: ["box", ...(tokenRequired ? ["token"] : [])],
          properties: { box: text, prefix: text, note: text, token: { ...text, writeOnly: true } },
        },
        options: (given, context, previous) => optionsOf(given as unknown as MemoOptions, context, previous),
        given: ({ box, prefix, note }) => ({ box, ...(prefix && { prefix }), ...(note && { note }) }),
        guide: ({ box = "<box>" }, { externalId }) => ({
          steps: [{ title: "Open a box", text: `Call it ${JSON.stringify(box)}.` }],
          artifacts: [
            {
              id: "card",
              title: "Card",
              file: "card.txt",
              language: "text",
              content: `${JSON.stringify(box)} ${externalId}\n`,
              description: "Put it on the box.",
            },
          ],
        }),
      },
      create: (options, { stream }) => ({
        name: type,
        acknowledgement: "stored",
        partition: "none",
        host: "memo.test",
        limits: { maxEvents: 100, maxBytes: 1_000_000, maxEventBytes: 100_000, concurrency: 1 },
        flush: { maxAgeMs: 5, maxBytes: 1_000_000, maxEvents: 1000 },
        encoding: "memo-1",
        deliver: async (chunk) => delivered(memo, options, stream, chunk),
        async *verify({ signal }) {
          memo.seen.push({ options, lines: [] });
          await memo.beforeStep(options, signal);
          yield { name: "open", status: "ok", detail: `The box ${options.box} is there.` };
          await memo.beforeStep(options, signal);
          if (options.box.startsWith("broken")) throw new TypeError("token=s3cr3t");
          const blocked = options.box.startsWith("blocked");
          yield blocked
            ? { name: "write", status: "failed", detail: "The box refuses.", fix: "Open it." }
            : { name: "write", status: "ok", detail: "Written." };
        },
        async [Symbol.asyncDispose]() {},
      }),
    },
  };
  return memo;
}

function delivered(memo: MemoSink, options: MemoOptions, stream: string, chunk: Chunk): DeliveryResult {
  if (options.box.startsWith("blocked")) {
    return {
      status: "blocked",
      error: { code: "access_denied", message: `The box ${options.box} refuses.`, hint: "Open it." },
    };
  }
  const lines = new TextDecoder().decode(chunk.body).split("\n").filter(Boolean);
  const indexes = lines.flatMap((line, i) => {
    const { action } = JSON.parse(line) as { readonly action: string };
    return action.startsWith("poison.") ? [i] : [];
  });
  if (indexes.length > 0) {
    const error = {
      code: "event_refused",
      message: `The box ${options.box} does not take it.`,
      vendorCode: "E13",
    } as const;
    return { status: "rejected", indexes, error };
  }
  memo.seen.push({ options, lines });
  return { status: "delivered", receipt: `${options.box}/${stream}/${chunk.firstSequence}` };
}

function optionsOf(given: MemoOptions, context: CustomerContext, previous: object | undefined): MemoOptions {
  const before = previous as MemoOptions | undefined;
  const kept = before?.box === given.box ? before.token : undefined;
  if (before?.token !== undefined && given.token === undefined && kept === undefined) {
    throw new HeadgateError("sink_options_invalid", "The token must be given again for another box.");
  }
  const token = given.token === undefined ? kept : secret(given.token);
  return {
    ...given,
    ...(token !== undefined && { token }),
    externalId: context.externalId,
    ...(context.allowInsecureEndpoint && { insecure: true }),
  };
}
