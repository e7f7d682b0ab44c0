// The package has no types of its own, and those of @types/splunk-logging 0.11.8 name the callback's arguments in another
// order than they come in, and leave out what is used here.
declare module "splunk-logging" {
  /** Options that the package hands on to needle, its HTTP client. All times in ms. */
  export interface RequestOptions {
    strictSSL: boolean;
    agent: object;
    open_timeout: number;
    response_timeout: number;
    read_timeout: number;
    follow_max: number;
    parse_response: boolean;
    decode_response: boolean;
    parse_cookies: boolean;
    headers: Record<string, string>;
  }

  export class Logger {
    constructor(config: {
      readonly token: string;
      readonly protocol: "http" | "https";
      readonly host: string;
      readonly port: number;
      readonly path: string;
      readonly maxRetries: number;
      readonly maxBatchCount: number;
      readonly maxBatchSize: number;
      readonly batchInterval: number;
    });
    requestOptions: RequestOptions;
    /** What `flush` sends, joined. */
    serializedContextQueue: string[];
    /** Called with the batch beside the error. */
    error: (error: unknown, context: unknown) => void;
    flush(callback: (error: unknown) => void): void;
  }
}
