const canonical = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const daysIn = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Milliseconds in one hour: the width of a partition. */
export const hourMs = 3_600_000;

/**
 * Reads an RFC 3339 timestamp, any offset, to Unix ms UTC; undefined where it is none. Digits beyond the millisecond are
 * cut off; a leap second counts as the first instant of the next minute.
 */
export function parseTimestamp(text: string): number | undefined {
  // Neighbouring events mostly share their minute.
  if (text.length === 24 && text.startsWith(lastMinute) && secondsTail.test(text)) {
    return lastMinuteStart + Number(text.slice(17, 19)) * 1000 + Number(text.slice(20, 23));
  }
  const instant = inRange(parseAny(text));
  if (instant !== undefined && canonical.test(text)) {
    lastMinute = text.slice(0, 17);
    lastMinuteStart = Math.floor(instant / 60_000) * 60_000;
  }
  return instant;
}

const firstInstant = Date.parse("0000-01-01T00:00:00Z");
const lastInstant = Date.parse("9999-12-31T23:59:59.999Z");

/** Only years of four digits: an offset may lead out of them, and neither keys nor stored timestamps hold more. */
export function inRange(instant: number | undefined): number | undefined {
  return instant !== undefined && instant >= firstInstant && instant <= lastInstant ? instant : undefined;
}

let lastMinute = "never";
let lastMinuteStart = 0;
const secondsTail = /[0-5]\d\.\d{3}Z$/;

function parseAny(text: string): number | undefined {
  // Date.parse takes 24:00 and refuses leap seconds: those go the long way.
  if (canonical.test(text) && !text.startsWith("24", 11) && !text.startsWith("60", 17)) {
    // Date.parse rolls 02-30 over into March: a round trip tells.
    const instant = Date.parse(text);
    return Number.isNaN(instant) || !sameDay(text, instant) ? undefined : instant;
  }
  const parts = rfc3339.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const leapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 && leapYear ? 29 : daysIn[month - 1];
  if (days === undefined || day < 1 || day > days || hour > 23 || minute > 59 || second > 60) return undefined;
  const offsetHour = Number(parts[9] ?? 0);
  const offsetMinute = Number(parts[10] ?? 0);
  if (offsetHour > 23 || offsetMinute > 59) return undefined;
  const offset = (parts[8] === "-" ? -1 : 1) * (offsetHour * 60 + offsetMinute) * 60_000;
  const date = new Date(0);
  // Not Date.UTC: it reads the years 0–99 as 1900–1999.
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, Number((parts[7] ?? "").padEnd(3, "0").slice(0, 3)));
  return date.getTime() - offset;
}

function sameDay(text: string, instant: number): boolean {
  // Every month has the days up to the 28th.
  return text.charCodeAt(8) < 0x32 || new Date(instant).getUTCDate() === Number(text.slice(8, 10));
}

/** Whether a text, known to be a timestamp, is in the very form that is stored. */
export function isStoredTimestamp(text: string): boolean {
  return (
    text.length === 24 &&
    // A leap second is stored as the next minute's first instant.
    !text.startsWith("60", 17) &&
    text.charCodeAt(10) === 0x54 &&
    text.charCodeAt(19) === 0x2e &&
    text.charCodeAt(23) === 0x5a
  );
}

/** Unix ms as `2025-07-16T09:52:30.123Z`. */
export function formatTimestamp(instant: number): string {
  return new Date(instant).toISOString();
}

/** Start of the UTC hour that an instant is in, Unix ms. */
export function hourOf(instant: number): number {
  return Math.floor(instant / hourMs) * hourMs;
}
