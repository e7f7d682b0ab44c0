import type { Answer } from "./model.ts";

/** An error answer of S3 or STS, thrown by the checks and turned into XML by the server. */
export class S3Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Further elements of the error document, e.g. `Region`. */
  readonly elements: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly elements?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = more.headers ?? {};
    this.elements = more.elements ?? {};
  }
}

/** Escapes text for XML. */
export function xmlText(text: string): string {
  return text.replaceAll(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** S3's error document: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses */
export function s3Error(refusal: S3Refusal): Answer {
  const more = Object.entries(refusal.elements).map(([name, value]) => `<${name}>${xmlText(value)}</${name}>`);
  return {
    status: refusal.status,
    code: refusal.code,
    headers: { "content-type": "application/xml", ...refusal.headers },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${refusal.code}</Code><Message>${xmlText(refusal.message)}</Message>${more.join("")}<RequestId>4442587FB7D0A2F9</RequestId></Error>`,
  };
}

/** STS's error document (AWS query protocol): https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
export function stsError(refusal: S3Refusal): Answer {
  const type = refusal.status < 500 ? "Sender" : "Receiver";
  return {
    status: refusal.status,
    code: refusal.code,
    headers: { "content-type": "text/xml", ...refusal.headers },
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>${type}</Type><Code>${refusal.code}</Code><Message>${xmlText(refusal.message)}</Message></Error><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ErrorResponse>`,
  };
}
