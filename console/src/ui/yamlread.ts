import { yamlLanguage } from '@codemirror/lang-yaml';

type SyntaxNode = ReturnType<typeof yamlLanguage.parser.parse>['topNode'];

/** A part of a text that is wrong, and why. */
export type Mistake = { from: number; to: number; message: string };

/** What a text in YAML says, where each of its fields stands, and what cannot be read of it. */
export type YamlText = { value: unknown; places: Map<string, { from: number; to: number }>; mistakes: Mistake[] };

/**
 * Reads the first document of a text, as far as it can be read; by the core schema of YAML 1.2, without anchors and tags. A field's path
 * is as the server says it: `spec.waves[1].percent`.
 */
export function readYaml(text: string): YamlText {
  const reader = new Reader(text);
  const tree = yamlLanguage.parser.parse(text);
  const documents = tree.topNode.getChildren('Document');
  const first = documents[0];
  const value = first ? reader.document(first) : undefined;
  const second = documents[1];
  if (second) reader.wrong(second, 'is another document; only the first is read here');
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) reader.wrong({ from: node.from, to: Math.max(node.to, node.from + 1) }, 'is not YAML here; look at the indent, and at what is quoted');
    },
  });
  return { value, places: reader.places, mistakes: reader.mistakes };
}

/** The place of a field, or of the nearest thing around it that stands in the text: what is missing has no place of its own. */
export function placeOf(places: YamlText['places'], path: string): { from: number; to: number } | undefined {
  for (let at = path; at !== ''; at = at.replace(/(\.[^.[\]]*|\[\d+\]|^[^.[\]]+)$/, '')) {
    const found = places.get(at);
    if (found) return found;
  }
  return undefined;
}

type Range = { from: number; to: number };

class Reader {
  readonly places: YamlText['places'] = new Map();
  readonly mistakes: Mistake[] = [];

  constructor(private readonly text: string) {}

  wrong({ from, to }: Range, message: string): void {
    if (this.mistakes.length < 50) this.mistakes.push({ from, to, message });
  }

  document(node: SyntaxNode): unknown {
    return this.content(node, '');
  }

  /** The value within a node that holds one: a document, a pair after its colon, an item. */
  private content(node: SyntaxNode, path: string): unknown {
    for (let child = node.firstChild; child; child = child.nextSibling) {
      if (VALUES.has(child.name)) return this.value(child, path);
    }
    return null;
  }

  private value(node: SyntaxNode, path: string): unknown {
    switch (node.name) {
      case 'BlockMapping':
      case 'FlowMapping':
        return this.mapping(node, path);
      case 'BlockSequence':
      case 'FlowSequence':
        return node.getChildren('Item').map((item, index) => {
          const at = `${path}[${index}]`;
          this.places.set(at, item);
          return this.content(item, at);
        });
      case 'Literal':
        return plain(this.raw(node));
      case 'QuotedLiteral':
        return this.quoted(node);
      case 'BlockLiteral':
        return blockLiteral(this.raw(node), this.indentOf(node));
      default:
        this.wrong(node, 'is an anchor, an alias or a tag, which is not read here; write the value itself');
        return null;
    }
  }

  private mapping(node: SyntaxNode, path: string): Record<string, unknown> {
    const fields: Record<string, unknown> = {};
    for (const pair of node.getChildren('Pair')) {
      const key = pair.getChild('Key');
      if (!key) continue;
      const named = this.content(key, '');
      const name = typeof named === 'string' ? named : this.raw(key);
      const at = path === '' ? name : `${path}.${name}`;
      if (name in fields) this.wrong(key, `says ${name} a second time`);
      this.places.set(at, key);
      let value: unknown = null;
      for (let child = key.nextSibling; child; child = child.nextSibling) {
        if (VALUES.has(child.name)) value = this.value(child, at);
      }
      fields[name] = value;
    }
    return fields;
  }

  private quoted(node: SyntaxNode): string {
    const raw = this.raw(node);
    const inner = folded(raw.slice(1, -1));
    if (raw.startsWith("'")) return inner.replaceAll("''", "'");
    try {
      return JSON.parse(`"${inner}"`) as string;
    } catch {
      this.wrong(node, 'has an escape that is not read here');
      return inner;
    }
  }

  /** Of the line on which a node stands. */
  private indentOf(node: SyntaxNode): number {
    const line = this.text.slice(this.text.lastIndexOf('\n', node.from) + 1, node.from);
    return /^[ -]*/.exec(line)?.[0].replace(/- *$/, '').length ?? 0;
  }

  private raw({ from, to }: Range): string {
    return this.text.slice(from, to);
  }
}

const VALUES = new Set(['BlockMapping', 'FlowMapping', 'BlockSequence', 'FlowSequence', 'Literal', 'QuotedLiteral', 'BlockLiteral', 'Tagged', 'Anchored', 'Alias']);

function folded(text: string): string {
  return text.replace(/[ \t]*\n\s*/g, ' ');
}

function plain(raw: string): unknown {
  const text = folded(raw.trim());
  if (/^(null|Null|NULL|~|)$/.test(text)) return null;
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  if (/^[-+]?(0|[1-9]\d*)$/.test(text) || /^[-+]?(\d+\.\d*|\.\d+|\d+)([eE][-+]?\d+)?$/.test(text)) return Number(text);
  return text;
}

function blockLiteral(raw: string, indent: number): string {
  const end = raw.indexOf('\n');
  const header = end < 0 ? raw : raw.slice(0, end);
  const lines = end < 0 ? [] : raw.slice(end + 1).split('\n');
  const said = /\d/.exec(header)?.[0];
  const depth = said ? indent + Number(said) : Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length));
  const kept = lines.map((line) => line.slice(Math.min(depth, line.length - line.trimStart().length)));
  const whole = header.startsWith('>') ? kept.join('\n').replace(/([^\n])\n(?=[^\n\s])/g, '$1 ') : kept.join('\n');
  if (header.includes('+')) return whole;
  const stripped = whole.replace(/\n+$/, '');
  return header.includes('-') || stripped === '' ? stripped : `${stripped}\n`;
}
