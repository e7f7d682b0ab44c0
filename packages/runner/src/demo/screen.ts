import type { StreamState } from "@headgate/core";
import { countText, durationText } from "../terminal/numbers.ts";
import { lineOf, type Piece, type Style, wrapped } from "./line.ts";
import { addsUp, type DemoState, type DemoStream, type Happening, inTrouble } from "./state.ts";

/** Where the screen is shown. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

interface Column {
  readonly head: string;
  /** A narrow screen does without the column of the highest number first; 0 always stays. */
  readonly spare: number;
  readonly right: boolean;
  readonly cell: (stream: DemoStream, now: number) => string;
}

const columns: readonly Column[] = [
  { head: "ORGANIZATION", spare: 0, right: false, cell: ({ organization }) => organization },
  { head: "STATE", spare: 0, right: false, cell: ({ status }) => status.health.state },
  { head: "ACCEPTED", spare: 2, right: true, cell: ({ status }) => countText(status.accepted) },
  { head: "PENDING", spare: 0, right: true, cell: ({ status }) => countText(status.pending) },
  { head: "DELIVERED", spare: 1, right: true, cell: ({ status }) => countText(status.delivered) },
  { head: "QUARANTINED", spare: 5, right: true, cell: ({ status }) => countText(status.quarantined) },
  { head: "LAST STREAMED", spare: 3, right: true, cell: lastStreamed },
  { head: "OBJECTS", spare: 4, right: true, cell: ({ objects }) => countText(objects) },
];
const between = 3;
const marginWidth = 4;
/** A state's longest name, so that the columns stand still. */
const stateWidth = "disconnected".length;

const stateStyle: Readonly<Record<StreamState, Style>> = {
  unverified: "dim",
  active: "green",
  degraded: "yellow",
  disconnected: "red",
  blocked: "red",
  paused: "yellow",
  deleted: "dim",
};

/** The whole screen, line by line: no more and no longer lines than it has room for. */
export function renderScreen(state: DemoState, size: ScreenSize): readonly string[] {
  const head = [title(state), [], ...tableLines(state, size.columns)];
  const keys = keyLines(state, size.columns);
  const foot = [[], ...keys];
  const sums = sumLines(state, size.columns);
  const room = size.rows - head.length - foot.length - sums.length;
  const news =
    room < 2 || state.happenings.length === 0
      ? []
      : [[], ...state.happenings.slice(-Math.min(8, room - 1)).map(happeningLine)];
  const lines = [...head, ...sums, ...news, ...foot];
  // The keys matter more than what does not fit above them.
  const shown = lines.length <= size.rows ? lines : [...lines.slice(0, Math.max(4, size.rows - keys.length)), ...keys];
  return shown.slice(0, size.rows).map((pieces) => lineOf(pieces, size.columns, size.colour));
}

type Line = readonly Piece[];

function title({ streams, eventsPerSecond, now, startedAt, stopping }: DemoState): Line {
  const doing = stopping ? "stopping: delivering what is pending" : `running for ${durationText(now - startedAt)}`;
  return [
    ["Headgate demo", "bold"],
    [
      `   ${streams.length} organizations, ${rateText(eventsPerSecond)} events/s, ${doing}`,
      stopping ? "yellow" : "dim",
    ],
  ];
}

/** `6`, `0.5`. */
export function rateText(eventsPerSecond: number): string {
  return eventsPerSecond >= 10 ? countText(Math.round(eventsPerSecond)) : String(Math.round(eventsPerSecond * 10) / 10);
}

/** `3 s ago`. */
function lastStreamed({ status }: DemoStream, now: number): string {
  if (status.lastStreamed === undefined) return "never";
  const age = Math.max(0, now - status.lastStreamed.at);
  return age < 1000 ? "just now" : `${durationText(age)} ago`;
}

function tableLines({ streams, selected, now }: DemoState, width: number): readonly Line[] {
  const cells = columns.map(({ cell }) => streams.map((stream) => cell(stream, now)));
  const widths = columns.map(({ head }, i) =>
    Math.max(head.length, head === "STATE" ? stateWidth : 0, ...(cells[i] ?? []).map((text) => text.length)),
  );
  const shown = fitting(widths, width);
  const pad = (text: string, column: number): string =>
    columns[column]?.right === true ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0);
  const gap = " ".repeat(between);
  const head: Line = [
    [`${" ".repeat(marginWidth)}${shown.map((i) => pad(columns[i]?.head ?? "", i)).join(gap)}`, "dim"],
  ];
  const rows = streams.flatMap((stream, row): Line[] => {
    const mark: Piece = [`${row === selected ? ">" : " "} ${row + 1} `, row === selected ? "bold" : "plain"];
    const pieces = shown.flatMap((i, at): Piece[] => {
      const text = pad(cells[i]?.[row] ?? "", i);
      const piece: Piece = columns[i]?.head === "STATE" ? [text, stateStyle[stream.status.health.state]] : text;
      return at === 0 ? [[text, row === selected ? "bold" : "plain"]] : [gap, piece];
    });
    return [[mark, ...pieces], ...troubleLines(stream, width, now)];
  });
  return [head, ...rows];
}

/** The columns that fit, by their index. */
function fitting(widths: readonly number[], room: number): readonly number[] {
  let shown = columns.map((_, i) => i);
  const total = (): number => marginWidth + shown.reduce((sum, i) => sum + (widths[i] ?? 0) + between, -between);
  for (let spare = 5; spare > 0 && total() > room; spare--) shown = shown.filter((i) => columns[i]?.spare !== spare);
  return shown;
}

function troubleLines({ status, broken }: DemoStream, width: number, now: number): readonly Line[] {
  const { lastError, since } = status.health;
  if (!inTrouble(status) || lastError === undefined) return [];
  const indent = " ".repeat(marginWidth);
  const hint = lastError.hint === undefined ? "" : ` ${lastError.hint}`;
  const remark = broken
    ? `For ${durationText(Math.max(0, now - since))} now. It is broken on purpose: press b to mend it.`
    : "It is tried again every few seconds.";
  const room = Math.max(10, width - marginWidth);
  return [
    ...wrapped(`${lastError.message}${hint}`, room).map((text): Line => [indent, [text, "red"]]),
    ...wrapped(remark, room).map((text): Line => [indent, [text, "yellow"]]),
  ];
}

function sumLines({ streams, trouble, directory, console }: DemoState, width: number): readonly Line[] {
  const wrong = streams.filter(({ status }) => !addsUp(status)).map(({ organization }) => organization);
  const some = (["filtered", "lost"] as const).filter((part) => streams.some(({ status }) => status[part] > 0));
  const parts = ["delivered", "quarantined", ...some, "pending"].join(" + ");
  const sum: Line =
    wrong.length === 0
      ? [[`accepted = ${parts}, for every stream`, "dim"]]
      : [[`The numbers of ${wrong.join(", ")} do not add up.`, "red"]];
  const refused = trouble === undefined ? [] : wrapped(trouble, width).map((text): Line => [[text, "red"]]);
  const address: readonly Line[] = console === undefined ? [] : [["console: ", [console, "bold"]]];
  return [
    [],
    sum,
    ...address,
    [[`files: ${directory}/<organization>/year=…/month=…/day=…/hour=…/`, "dim"]],
    ...refused,
  ];
}

const moodStyle: Readonly<Record<Happening["mood"], Style>> = { good: "green", bad: "red", plain: "plain" };

function happeningLine({ at, organization, text, mood }: Happening): Line {
  const who = organization === undefined ? "" : `${organization}: `;
  return [
    [`${new Date(at).toISOString().slice(11, 19)}Z  `, "dim"],
    [who, "bold"],
    [text, moodStyle[mood]],
  ];
}

function keyLines({ streams, selected, stopping, console }: DemoState, width: number): readonly Line[] {
  if (stopping) return [[["q", "bold"], " stop at once; nothing is lost by that"]];
  const stream = streams[selected];
  const who = stream?.organization ?? "";
  const keys: readonly (readonly [key: string, does: string])[] = [
    ["1-3 ↑↓", "select"],
    ["b", `${stream?.broken === true ? "mend" : "break"} ${who}`],
    ["p", `${stream?.status.health.state === "paused" ? "resume" : "pause"} ${who}`],
    ...(console === undefined ? [] : [["o", "open the console"] as const]),
    ["f", "faster"],
    ["s", "slower"],
    ["q", "quit"],
  ];
  const lines: Piece[][] = [];
  let room = 0;
  for (const [key, does] of keys) {
    const length = key.length + 1 + does.length + 3;
    if (lines.length === 0 || room < length - 3) {
      lines.push([]);
      room = width;
    }
    lines.at(-1)?.push([key, "bold"], ` ${does}   `);
    room -= length;
  }
  // Blanks at the end of a line are no reason to cut it.
  return lines.map((pieces) => [...pieces.slice(0, -1), String(pieces.at(-1)).trimEnd()]);
}
