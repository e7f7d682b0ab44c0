import type { Route } from "./route.ts";

/** A route that a path leads to. */
export interface RouteMatch {
  readonly route: Route;
  /** Decoded. */
  readonly path: Readonly<Record<string, string>>;
}

/** What a path comes to. */
export type Routing =
  | { readonly kind: "found"; readonly match: RouteMatch }
  /** There are routes at the path, of these methods. */
  | { readonly kind: "method"; readonly allow: readonly string[] }
  | { readonly kind: "nothing" }
  /** A segment is no valid percent-encoding of UTF-8. */
  | { readonly kind: "malformed" };

interface Node {
  readonly fixed: Map<string, Node>;
  variable: Node | undefined;
  readonly routes: Map<string, Route>;
}

const emptyNode = (): Node => ({ fixed: new Map(), variable: undefined, routes: new Map() });

/** Names of the parameters in a path template, in order. */
export function pathParameters(template: string): readonly string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
}

/**
 * Makes the look-up from method and path to route. A fixed segment goes before a parameter: `…/quarantine/retry` is not
 * the entry `retry`.
 * @throws where two routes have the same method and path, or the same operation
 */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => Routing {
  const root = emptyNode();
  const operations = new Set<string>();
  for (const route of routes) {
    let node = root;
    for (const segment of route.path.split("/").slice(1)) {
      if (segment.startsWith("{")) node = node.variable ??= emptyNode();
      else {
        const next = node.fixed.get(segment) ?? emptyNode();
        node.fixed.set(segment, next);
        node = next;
      }
    }
    if (node.routes.has(route.method) || operations.has(route.operation)) {
      throw new TypeError(`There are two routes ${route.method} ${route.path}, or two operations ${route.operation}.`);
    }
    node.routes.set(route.method, route);
    operations.add(route.operation);
  }

  return (method, path) => {
    const segments: string[] = [];
    for (const segment of path.split("/").slice(1)) {
      const decoded = decode(segment);
      if (decoded === undefined) return { kind: "malformed" };
      segments.push(decoded);
    }
    const nodes = find([root], segments);
    const wanted = method === "HEAD" ? "GET" : method;
    for (const { node, values } of nodes) {
      const route = node.routes.get(wanted);
      if (route === undefined) continue;
      const names = pathParameters(route.path);
      const named = Object.fromEntries(names.map((name, i) => [name, values[i] as string]));
      return { kind: "found", match: { route, path: named } };
    }
    const allow = new Set(nodes.flatMap(({ node }) => [...node.routes.keys()]));
    if (allow.size === 0) return { kind: "nothing" };
    if (allow.has("GET")) allow.add("HEAD");
    return { kind: "method", allow: [...allow].sort() };
  };
}

interface Found {
  readonly node: Node;
  readonly values: readonly string[];
}

/** The nodes that a path leads to, those by fixed segments first. */
function find(roots: readonly Node[], segments: readonly string[]): readonly Found[] {
  let found: readonly Found[] = roots.map((node) => ({ node, values: [] }));
  for (const segment of segments) {
    found = found.flatMap(({ node, values }) => {
      const fixed = node.fixed.get(segment);
      return [
        ...(fixed === undefined ? [] : [{ node: fixed, values }]),
        ...(node.variable === undefined || segment === ""
          ? []
          : [{ node: node.variable, values: [...values, segment] }]),
      ];
    });
  }
  return found;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
