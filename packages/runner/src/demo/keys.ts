/** What a key asks for. */
export type DemoKey = "1" | "2" | "3" | "up" | "down" | "break" | "pause" | "open" | "faster" | "slower" | "quit";

const keys: Readonly<Record<string, DemoKey>> = {
  "1": "1",
  "2": "2",
  "3": "3",
  k: "up",
  "\u001b[A": "up",
  "\u001bOA": "up",
  j: "down",
  "\u001b[B": "down",
  "\u001bOB": "down",
  b: "break",
  p: "pause",
  o: "open",
  f: "faster",
  "+": "faster",
  s: "slower",
  "-": "slower",
  q: "quit",
  "\u0003": "quit",
  "\u0004": "quit",
};

/** The keys in what a terminal in raw mode sends; several may come at once. Unknown ones are left out. */
export function keysIn(input: string): readonly DemoKey[] {
  // eslint-disable-next-line no-control-regex -- an escape begins an arrow key
  const strokes = input.match(/\u001b(?:\[[0-9;]*|O)[A-Za-z~]|[^]/g) ?? [];
  return strokes.flatMap((stroke) => keys[stroke.toLowerCase()] ?? keys[stroke] ?? []);
}
