/** How a piece of a line looks. */
export type Style = "plain" | "bold" | "dim" | "green" | "yellow" | "red" | "reverse";

/** A piece of a line: text and how it looks. */
export type Piece = string | readonly [text: string, style: Style];

const codes: Readonly<Record<Style, string>> = {
  plain: "",
  bold: "1",
  dim: "2",
  green: "32",
  yellow: "33",
  red: "31",
  reverse: "7",
};

/** Joins pieces to a line of at most `columns` characters; what is cut off is marked with `…`. No controls get through. */
export function lineOf(pieces: readonly Piece[], columns: number, colour: boolean): string {
  let line = "";
  let room = columns;
  const length = pieces.reduce((sum, piece) => sum + characters(textOf(piece)).length, 0);
  for (const piece of pieces) {
    if (room <= 0) break;
    const text = characters(textOf(piece));
    const last = length > columns && text.length >= room;
    const shown = last ? `${text.slice(0, room - 1).join("")}…` : text.join("");
    room -= last ? room : text.length;
    const code = typeof piece === "string" || !colour ? "" : codes[piece[1]];
    line += code === "" ? shown : `\u001b[${code}m${shown}\u001b[0m`;
  }
  return line;
}

function textOf(piece: Piece): string {
  return typeof piece === "string" ? piece : piece[0];
}

function characters(text: string): readonly string[] {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  return Array.from(text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " "));
}

/** Breaks text between words into lines of at most `width` characters; a word that is longer is broken where the line ends. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line: readonly string[] = [];
  for (const word of text.split(" ")) {
    let rest = [...(line.length === 0 ? [] : [" "]), ...characters(word)];
    if (line.length + rest.length > width && rest.length <= width) {
      lines.push(line.join(""));
      [line, rest] = [[], rest.slice(1)];
    }
    for (; line.length + rest.length > width; line = []) {
      const room = width - line.length;
      lines.push([...line, ...rest.slice(0, room)].join(""));
      rest = rest.slice(room);
    }
    line = [...line, ...rest];
  }
  return line.length === 0 ? lines : [...lines, line.join("")];
}
