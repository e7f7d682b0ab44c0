import { hclText, yamlText } from "./quote.ts";

/** What templates are made of. */
export type Tree = string | number | readonly Tree[] | { readonly [name: string]: Tree };

/** A tree as a block of YAML. Every text is quoted, so that none turns into a date, a number or a tag. */
export function yamlBlock(tree: Tree, indent = ""): string {
  if (typeof tree === "string") return ` ${yamlText(tree)}`;
  if (typeof tree === "number") return ` ${tree}`;
  const inner = `${indent}  `;
  if (isList(tree)) return tree.map((item) => `\n${indent}-${yamlItem(item, inner)}`).join("");
  return Object.entries(tree)
    .map(([name, value]) => `\n${indent}${yamlName(name)}:${yamlBlock(value, inner)}`)
    .join("");
}

/** A mapping begins on the line of its hyphen. */
function yamlItem(item: Tree, indent: string): string {
  const block = yamlBlock(item, indent);
  return block.startsWith("\n") ? ` ${block.trimStart()}` : block;
}

/** A tree as an HCL expression. */
export function hclExpression(tree: Tree, indent = ""): string {
  if (typeof tree === "string") return hclText(tree);
  if (typeof tree === "number") return String(tree);
  const inner = `${indent}  `;
  if (isList(tree)) {
    const items = tree.map((item) => hclExpression(item, inner));
    const flat = `[${items.join(", ")}]`;
    return flat.length <= 90 && !flat.includes("\n")
      ? flat
      : `[\n${items.map((item) => `${inner}${item},\n`).join("")}${indent}]`;
  }
  return `{\n${alignedMembers(tree, inner)}${indent}}`;
}

/** As `terraform fmt` has it: the equals signs of members that stay on one line, and follow each other, are aligned. */
function alignedMembers(tree: { readonly [name: string]: Tree }, indent: string): string {
  const members = Object.entries(tree).map(([name, value]) => ({
    name: plainName(name) ? name : hclText(name),
    value: hclExpression(value, indent),
  }));
  const isLong = (at: number): boolean => members[at]?.value.includes("\n") ?? true;
  return members
    .map(({ name, value }, at) => {
      let [first, last] = [at, at];
      while (!isLong(first - 1)) first--;
      while (!isLong(last + 1)) last++;
      const width = isLong(at) ? 0 : Math.max(...members.slice(first, last + 1).map((member) => member.name.length));
      return `${indent}${name.padEnd(width)} = ${value}\n`;
    })
    .join("");
}

const isList = (tree: Tree): tree is readonly Tree[] => Array.isArray(tree);
const plainName = (name: string): boolean => /^[A-Za-z]\w*$/.test(name);
const yamlName = (name: string): string =>
  plainName(name) && !/^(null|true|false|yes|no|on|off|y|n)$/i.test(name) ? name : yamlText(name);
